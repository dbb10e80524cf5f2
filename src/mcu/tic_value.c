/* Values out of the text of TIC groups. */
#include <declic/mcu.h>

static uint32_t digit_of(char c) {
    if (c >= '0' && c <= '9') return (uint32_t)(c - '0');
    if (c >= 'A' && c <= 'F') return (uint32_t)(c - 'A' + 10);
    if (c >= 'a' && c <= 'f') return (uint32_t)(c - 'a' + 10);
    return UINT32_MAX;
}

static int digits(const char *text, size_t n, uint32_t base, uint32_t *out) {
    uint32_t value = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t digit = digit_of(text[i]);
        if (digit >= base || value > (UINT32_MAX - digit) / base) return 0;
        value = value * base + digit;
    }
    if (n == 0) return 0;
    *out = value;
    return 1;
}

int dcl_mcu_tic_number(const char *text, size_t n, uint32_t *out) {
    return digits(text, n, 10, out);
}

int dcl_mcu_tic_hex(const char *text, size_t n, uint32_t *out) {
    return digits(text, n, 16, out);
}

static uint8_t days_of(uint32_t year, uint32_t month) {
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    /* Two-digit years are 2000 to 2099, where every fourth is a leap year. */
    return month == 2 && year % 4 == 0 ? 29 : days[month - 1];
}

int dcl_mcu_tic_time_parse(const char *text, size_t n, dcl_mcu_tic_time *out) {
    if (n != DCL_TIC_HORODATE_LENGTH) return 0;
    dcl_mcu_tic_time time = {0};
    switch (text[0]) {
    case 'h': time.degraded = 1; /* fall through */
    case 'H': time.offset_minutes = 60; break;
    case 'e': time.degraded = 1; /* fall through */
    case 'E': time.offset_minutes = 120; break;
    case ' ': break;
    default: return 0;
    }
    uint32_t part[6];
    for (size_t i = 0; i < 6; i++)
        if (!dcl_mcu_tic_number(text + 1 + 2 * i, 2, &part[i])) return 0;
    if (part[1] < 1 || part[1] > 12 || part[2] < 1 || part[2] > days_of(part[0], part[1])) return 0;
    if (part[3] > 23 || part[4] > 59 || part[5] > 59) return 0;
    time.year = (uint16_t)(2000 + part[0]);
    time.month = (uint8_t)part[1];
    time.day = (uint8_t)part[2];
    time.hour = (uint8_t)part[3];
    time.minute = (uint8_t)part[4];
    time.second = (uint8_t)part[5];
    *out = time;
    return 1;
}
