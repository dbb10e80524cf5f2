/* Any bytes at any time: the gateway reads on, its records are of their lengths, and its clock may be set to anything. */
#include <stdlib.h>

#include <declic/mcu_gateway.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    static const uint8_t lengths[] = {0, DCL_RECORD_EVENT_BYTES, DCL_RECORD_MINUTE_BYTES,
                                      DCL_RECORD_STATE_BYTES};
    dcl_mcu_gateway *gateway = malloc(sizeof *gateway);
    uint32_t time_ms = 0;
    if (!gateway) return 0;
    dcl_mcu_gateway_init(gateway);
    for (size_t i = 0; i < n; i++) {
        uint8_t record[DCL_RECORD_STATE_BYTES];
        size_t length;
        if (bytes[i] == 0xFE && i + 4 < n) { /* a leap of time, or of the clock */
            uint32_t value = bytes[i + 1] | (uint32_t)bytes[i + 2] << 8 | (uint32_t)bytes[i + 3] << 16;
            if (bytes[i + 4] & 1)
                time_ms += value << (bytes[i + 4] >> 1 & 7);
            else
                dcl_mcu_gateway_clock(gateway, time_ms, value << 8, (int8_t)bytes[i + 4]);
            i += 4;
            continue;
        }
        time_ms += 8;
        dcl_mcu_gateway_push(gateway, bytes[i], time_ms);
        while ((length = dcl_mcu_gateway_take(gateway, record, sizeof record)) > 0)
            if (record[0] < 1 || record[0] > 3 || length != lengths[record[0]]) abort();
    }
    free(gateway);
    return 0;
}
