/* The model that ships, as bytes of the library: read-only, aligned as a file's parts are. */
    .section .rodata
    .balign 64
    .hidden dcl_shipped_types
    .global dcl_shipped_types
    .type dcl_shipped_types, %object
dcl_shipped_types:
    .incbin DCL_TYPES_MODEL
    .hidden dcl_shipped_types_end
    .global dcl_shipped_types_end
dcl_shipped_types_end:
    .byte 0
    .size dcl_shipped_types, . - dcl_shipped_types
    .section .note.GNU-stack, "", %progbits
