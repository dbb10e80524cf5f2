/* A model as a component of ESP-IDF: the gateway's code as it is, the blobs as C, an example that reads a meter's line. */
#include <stdio.h>
#include <string.h>

#include "gateway/export.h"

static const char manifest[] = "version: \"0.1.0\"\n"
                               "description: What a home's electricity says, read from its Linky meter\n"
                               "license: Apache-2.0\n"
                               "targets:\n  - esp32c6\n  - esp32c3\n"
                               "dependencies:\n  idf: \">=5.1\"\n";

static const char example_cmake[] = "cmake_minimum_required(VERSION 3.16)\n"
                                    "set(EXTRA_COMPONENT_DIRS ../..)\n"
                                    "include($ENV{IDF_PATH}/tools/cmake/project.cmake)\n"
                                    "project(declic_gateway)\n";

static const char main_cmake[] = "idf_component_register(SRCS main.c port_esp.c INCLUDE_DIRS . REQUIRES "
                                 "declic esp_driver_uart esp_timer)\n";

static const char port_h[] = "/* What the example needs of a board. */\n"
                             "#ifndef PORT_H\n#define PORT_H\n\n#include <stddef.h>\n#include <stdint.h>\n\n"
                             "/* The line of the meter; baud 1200 (historique) or 9600 (standard), 7E1. */\n"
                             "void port_open(uint32_t baud);\n"
                             "/* The next byte, waiting for it; -1 after a second without one. */\n"
                             "int port_read(void);\n"
                             "/* Milliseconds since the start; wraps. */\n"
                             "uint32_t port_ms(void);\n"
                             "/* A record leaves, by radio or otherwise. */\n"
                             "void port_send(const uint8_t *record, size_t n);\n\n#endif\n";

static const char main_c[] =
    "/* A gateway: the meter's line in, records out. */\n"
    "#include <declic/mcu_gateway.h>\n"
    "#include <declic_models.h>\n\n"
    "#include \"port.h\"\n\n"
    "static dcl_mcu_gateway gateway;\n\n"
    "static void take_models(void) {\n"
    "    for (unsigned i = 0; i < declic_models; i++)\n"
    "        (void)dcl_mcu_gateway_model(&gateway, declic_model[i].blob, declic_model[i].bytes);\n"
    "}\n\n"
    "void app_main(void) {\n"
    "    uint8_t record[DCL_RECORD_STATE_BYTES];\n"
    "    uint32_t baud = 1200, heard = 0, since = port_ms();\n"
    "    dcl_mcu_gateway_init(&gateway);\n"
    "    take_models();\n"
    "    port_open(baud);\n"
    "    for (;;) {\n"
    "        int byte = port_read();\n"
    "        uint32_t now = port_ms();\n"
    "        size_t n;\n"
    "        if (gateway.tic.groups != heard) {\n"
    "            heard = gateway.tic.groups;\n"
    "            since = now;\n"
    "        } else if (now - since > 10000) { /* nothing that makes sense: the other mode */\n"
    "            baud = baud == 1200 ? 9600 : 1200;\n"
    "            port_open(baud);\n"
    "            since = now;\n"
    "        }\n"
    "        if (byte < 0 || !dcl_mcu_gateway_push(&gateway, (uint8_t)byte, now)) continue;\n"
    "        while ((n = dcl_mcu_gateway_take(&gateway, record, sizeof record)) > 0) port_send(record, n);\n"
    "    }\n"
    "}\n";

static const char port_c[] =
    "/* The board: UART 1, receiving on pin 4. Records go to the log, to be replaced by a radio. */\n"
    "#include <stdio.h>\n\n"
    "#include <driver/uart.h>\n#include <esp_timer.h>\n\n"
    "#include \"port.h\"\n\n"
    "enum { PORT = UART_NUM_1, PIN = 4, BUFFER = 1024 };\n\n"
    "void port_open(uint32_t baud) {\n"
    "    const uart_config_t config = {.baud_rate = (int)baud,\n"
    "                                  .data_bits = UART_DATA_7_BITS,\n"
    "                                  .parity = UART_PARITY_EVEN,\n"
    "                                  .stop_bits = UART_STOP_BITS_1};\n"
    "    if (!uart_is_driver_installed(PORT)) uart_driver_install(PORT, BUFFER, 0, 0, NULL, 0);\n"
    "    uart_param_config(PORT, &config);\n"
    "    uart_set_pin(PORT, UART_PIN_NO_CHANGE, PIN, UART_PIN_NO_CHANGE, UART_PIN_NO_CHANGE);\n"
    "}\n\n"
    "int port_read(void) {\n"
    "    uint8_t byte;\n"
    "    return uart_read_bytes(PORT, &byte, 1, pdMS_TO_TICKS(1000)) == 1 ? byte : -1;\n"
    "}\n\n"
    "uint32_t port_ms(void) {\n"
    "    return (uint32_t)(esp_timer_get_time() / 1000);\n"
    "}\n\n"
    "void port_send(const uint8_t *record, size_t n) {\n"
    "    for (size_t i = 0; i < n; i++) printf(\"%02x\", record[i]);\n"
    "    printf(\"\\n\");\n"
    "}\n";

static const char models_h[] =
    "/* Made by declic gateway: the models, as blobs. */\n"
    "#ifndef DECLIC_MODELS_H\n#define DECLIC_MODELS_H\n\n"
    "#include <stddef.h>\n#include <stdint.h>\n\n"
    "struct declic_model {\n    const char *name;\n    const uint16_t *blob;\n    size_t bytes;\n};\n\n"
    "extern const struct declic_model declic_model[];\n"
    "extern const unsigned declic_models;\n\n#endif\n";

static dcl_status write_models(const dcl_gateway_model *m, const char *folder, dcl_error *error) {
    dcl_text text = {0};
    dcl_text_put(&text, "/* Made by declic gateway. */\n#include <declic_models.h>\n\n");
    for (int kind = 1; kind < DCL_BLOB_KINDS; kind++)
        if (m->blob[kind].word)
            dcl_export_words(&text, "static ", dcl_blob_kind_name((dcl_blob_kind)kind), &m->blob[kind]);
    dcl_text_put(&text, "\nconst struct declic_model declic_model[] = {");
    unsigned n = 0;
    for (int kind = 1; kind < DCL_BLOB_KINDS; kind++) {
        const char *name = dcl_blob_kind_name((dcl_blob_kind)kind);
        if (m->blob[kind].word)
            dcl_text_format(&text, "%s\n    {\"%s\", %s, sizeof %s}", n++ ? "," : "", name, name, name);
    }
    dcl_text_format(&text, "};\nconst unsigned declic_models = %u;\n", n);
    return dcl_export_text(folder, "src/declic_models.c", &text, error);
}

static dcl_status write_cmake(const char *folder, dcl_error *error) {
    dcl_text text = {0};
    dcl_text_put(&text, "idf_component_register(SRCS");
    for (const dcl_component_file *file = dcl_component_files; file->name; file++) {
        size_t n = strlen(file->name);
        if (n > 2 && strcmp(file->name + n - 2, ".c") == 0) dcl_text_format(&text, " %s", file->name);
    }
    dcl_text_put(&text, " src/declic_models.c\n    INCLUDE_DIRS include PRIV_INCLUDE_DIRS src)\n");
    return dcl_export_text(folder, "CMakeLists.txt", &text, error);
}

dcl_status dcl_export_component(const dcl_gateway_model *m, const char *folder, dcl_error *error) {
    static const struct {
        const char *name, *text;
    } plain[] = {{"idf_component.yml", manifest},
                 {"include/declic_models.h", models_h},
                 {"examples/gateway/CMakeLists.txt", example_cmake},
                 {"examples/gateway/main/CMakeLists.txt", main_cmake},
                 {"examples/gateway/main/main.c", main_c},
                 {"examples/gateway/main/port.h", port_h},
                 {"examples/gateway/main/port_esp.c", port_c}};
    dcl_status status = DCL_OK;
    for (const dcl_component_file *file = dcl_component_files; !status && file->name; file++)
        status = dcl_export_bytes(folder, file->name, file->bytes, (size_t)(file->end - file->bytes), error);
    for (size_t i = 0; !status && i < sizeof plain / sizeof *plain; i++)
        status = dcl_export_bytes(folder, plain[i].name, plain[i].text, strlen(plain[i].text), error);
    if (!status) status = write_models(m, folder, error);
    return status ? status : write_cmake(folder, error);
}
