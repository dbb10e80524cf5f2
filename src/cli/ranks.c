/*
 * The one file that sees MPI, built as a module: libmpi at every start of the program would cost each command 12 ms, so it is
 * loaded where a launcher started several processes, and there alone.
 *
 * Waiting is asleep: others may need the processor. What crosses the network comes after all have agreed, so nobody waits
 * long for that. A flag of the context ends any wait: where a process dies, mpirun ends the others by a signal.
 */
#include "cli/ranks.h"

#include <mpi.h>
#include <sched.h>
#include <string.h>
#include <time.h>

bool declic_ranks_begin(ranks_link *link);
void declic_ranks_end(ranks_link *link);

enum { TAG = 1, PIECE = 1 << 26 };

static double now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static dcl_status give_up(ranks_link *link, dcl_status status, const char *message, dcl_error *error) {
    link->failed = status;
    link->failure = (dcl_error){.code = status, .pos = {0, -1}};
    strncpy(link->failure.msg, message, sizeof link->failure.msg - 1);
    if (error) *error = link->failure;
    return status;
}

static bool cancelled(const ranks_link *link) {
    return link->context->cancel && *link->context->cancel;
}

/* False where the wait was ended. Bytes on their way move only while we look. */
static bool finish(const ranks_link *link, MPI_Request *request, bool asleep) {
    struct timespec pause = {0, 10000};
    for (int done = 0;;) {
        MPI_Test(request, &done, MPI_STATUS_IGNORE);
        if (done) return true;
        if (cancelled(link)) return false;
        if (!asleep) {
            sched_yield();
            continue;
        }
        nanosleep(&pause, NULL);
        if (pause.tv_nsec < 1000000) pause.tv_nsec *= 2;
    }
}

typedef struct verdict {
    dcl_status status;
    dcl_error error;
} verdict;

static dcl_status agree(void *arg, dcl_status status, dcl_error *error) {
    ranks_link *link = arg;
    double started = now_s();
    int mine = status ? (int)link->ranks.rank : (int)link->ranks.n, lowest = mine;
    if (link->failed) {
        if (error) *error = link->failure;
        return link->failed;
    }
    MPI_Request request;
    MPI_Iallreduce(&mine, &lowest, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD, &request);
    bool whole = finish(link, &request, true);
    if (whole && lowest < (int)link->ranks.n) {
        verdict all = {.status = status};
        if (error && status) all.error = *error;
        MPI_Ibcast(&all, sizeof all, MPI_BYTE, lowest, MPI_COMM_WORLD, &request);
        whole = finish(link, &request, true);
        if (whole) {
            link->failed = all.status;
            link->failure = all.error;
            if (error) *error = all.error;
        }
    }
    link->wait_s += now_s() - started;
    return whole ? link->failed : give_up(link, DCL_E_CANCELLED, "interrupted", error);
}

/* Bytes from or to another rank, in pieces that an int can count. */
static bool pass(ranks_link *link, int with, char *bytes, size_t n, bool receive) {
    MPI_Request request;
    for (size_t at = 0; at < n; at += PIECE) {
        int piece = (int)(n - at < PIECE ? n - at : PIECE);
        if (receive)
            MPI_Irecv(bytes + at, piece, MPI_BYTE, with, TAG, MPI_COMM_WORLD, &request);
        else
            MPI_Isend(bytes + at, piece, MPI_BYTE, with, TAG, MPI_COMM_WORLD, &request);
        if (!finish(link, &request, false)) return false;
    }
    link->bytes += receive ? n : 0;
    return true;
}

static dcl_status gather(void *arg, void *bytes, size_t n, dcl_error *error) {
    ranks_link *link = arg;
    double started = now_s();
    bool whole = true, fits = true;
    uint64_t length = n;
    if (link->failed) return agree(link, DCL_OK, error);
    if (link->ranks.rank) {
        whole = pass(link, 0, (char *)&length, sizeof length, false) && pass(link, 0, bytes, n, false);
    } else {
        size_t at = 0;
        for (size_t from = 1; whole && fits && from < link->ranks.n; from++) {
            whole = pass(link, (int)from, (char *)&length, sizeof length, true);
            fits = length <= n - at;
            whole = whole && fits && pass(link, (int)from, (char *)bytes + at, (size_t)length, true);
            at += (size_t)length;
        }
        fits = fits && (!whole || at == n);
    }
    link->network_s += now_s() - started;
    if (!fits) return give_up(link, DCL_E_FORMAT, "the processes disagree on their parts", error);
    return whole ? DCL_OK : give_up(link, DCL_E_CANCELLED, "interrupted", error);
}

static dcl_status share(void *arg, void *bytes, size_t n, dcl_error *error) {
    ranks_link *link = arg;
    double started = now_s();
    bool whole = true;
    if (link->failed) return agree(link, DCL_OK, error);
    for (size_t at = 0; whole && at < n; at += PIECE) {
        MPI_Request request;
        MPI_Ibcast((char *)bytes + at, (int)(n - at < PIECE ? n - at : PIECE), MPI_BYTE, 0, MPI_COMM_WORLD,
                   &request);
        whole = finish(link, &request, false);
    }
    if (link->ranks.rank) link->bytes += n;
    link->network_s += now_s() - started;
    return whole ? DCL_OK : give_up(link, DCL_E_CANCELLED, "interrupted", error);
}

bool declic_ranks_begin(ranks_link *link) {
    int level, rank, n, here;
    MPI_Comm machine;
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &level) != MPI_SUCCESS) return false;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &n);
    MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, rank, MPI_INFO_NULL, &machine);
    MPI_Comm_size(machine, &here);
    MPI_Comm_free(&machine);
    link->ranks = (dcl_ranks){(size_t)rank, (size_t)n, agree, gather, share, link};
    link->here = (size_t)here;
    return true;
}

void declic_ranks_end(ranks_link *link) {
    /* After an interruption another process may be gone: MPI's own end would wait for it. */
    if (link->failed != DCL_E_CANCELLED) MPI_Finalize();
}
