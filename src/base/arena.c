#include <declic/base.h>

#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64, BLOCK_BYTES = 64 * 1024 };

/* A block is one allocation: this header, padded to the alignment, then its bytes; or the header alone of memory that
 * was adopted. */
struct dcl_arena_block {
    struct dcl_arena_block *next;
    void *adopted;
    size_t used, room;
};

static size_t round_up(size_t n) {
    return (n + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

static char *block_bytes(struct dcl_arena_block *block) {
    return (char *)block + ALIGNMENT;
}

static struct dcl_arena_block *add_block(dcl_arena *arena, size_t bytes) {
    size_t room = bytes < BLOCK_BYTES ? BLOCK_BYTES : bytes;
    if (arena->limit) {
        size_t left = arena->limit > arena->held ? arena->limit - arena->held : 0;
        if (bytes > left) return NULL;
        if (room > left) room = bytes;
    }
    struct dcl_arena_block *block = aligned_alloc(ALIGNMENT, ALIGNMENT + room);
    if (!block) return NULL;
    *block = (struct dcl_arena_block){.next = arena->head, .room = room};
    arena->head = block;
    arena->held += room;
    return block;
}

void *dcl_arena_alloc(dcl_arena *arena, size_t count, size_t size) {
    if (size && count > (SIZE_MAX / 2) / size) return NULL;
    size_t bytes = round_up(count * size != 0 ? count * size : 1);
    struct dcl_arena_block *block = arena->head;
    if (!block || block->room - block->used < bytes) block = add_block(arena, bytes);
    if (!block) return NULL;
    void *out = block_bytes(block) + block->used;
    block->used += bytes;
    return memset(out, 0, bytes);
}

bool dcl_arena_adopt(dcl_arena *arena, void *memory, size_t bytes) {
    if (arena->limit && bytes > (arena->limit > arena->held ? arena->limit - arena->held : 0)) return false;
    struct dcl_arena_block *block = malloc(sizeof *block);
    if (!block) return false;
    struct dcl_arena_block **at =
        arena->head ? &arena->head->next : &arena->head; /* the head still has room */
    *block = (struct dcl_arena_block){.next = *at, .adopted = memory};
    *at = block;
    arena->held += bytes;
    return true;
}

char *dcl_arena_strdup(dcl_arena *arena, const char *text) {
    size_t n = strlen(text) + 1;
    char *out = dcl_arena_alloc(arena, n, 1);
    return out ? memcpy(out, text, n) : NULL;
}

void dcl_arena_free(dcl_arena *arena) {
    while (arena->head) {
        struct dcl_arena_block *next = arena->head->next;
        free(arena->head->adopted);
        free(arena->head);
        arena->head = next;
    }
    arena->held = 0;
}
