/* Texts of an enumeration, from the X-macro that lists it. */
#ifndef DCL_BASE_NAMES_H
#define DCL_BASE_NAMES_H

#include <stddef.h>

/** What a row of a table gives: its second item, of two or of three, or its third. */
#define DCL_SECOND_OF_2(id, second)        second,
#define DCL_SECOND_OF_3(id, second, third) second,
#define DCL_THIRD_OF_3(id, second, third)  third,

/** Defines the look-up `const char *prototype`, whose parameter is called id: the text of its row, NULL for a number that is none. */
#define DCL_DEFINE_TEXT(prototype, count, TABLE, PICK)                                                       \
    const char *prototype {                                                                                  \
        static const char *const texts[] = {TABLE(PICK)};                                                    \
        return (unsigned)id < count ? texts[id] : NULL;                                                      \
    }

#endif
