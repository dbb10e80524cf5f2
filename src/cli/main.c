#include <stdio.h>

int main(void) {
    puts("declic " DCL_VERSION);
    return 0;
}
