/* Joining the processes of a job of MPI: the module that sees it is loaded where a launcher started several of us. */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/ranks.h"

/* Whether a launcher of MPI started us as one of several: mpirun of Open MPI, or srun and others that speak PMI. */
static bool is_one_of_many(void) {
    const char *names[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"};
    for (size_t i = 0; i < 2; i++) {
        const char *size = getenv(names[i]);
        if (size) return strtol(size, NULL, 10) > 1;
    }
    const char *tasks = getenv("SLURM_NTASKS"); /* srun --mpi=pmix tells no size of its own */
    return getenv("PMIX_RANK") && tasks && strtol(tasks, NULL, 10) > 1;
}

/* Beside the program, as it is built; else where an installed program has its library, whatever the prefix. */
static void *load_module(void) {
    static const char *const places[] = {"declic-ranks.so", DCL_RANKS_MODULE};
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path / 2);
    path[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(path, '/');
    for (size_t i = 0; slash && i < 2; i++) {
        snprintf(slash + 1, sizeof path / 2, "%s", places[i]);
        /* Global: parts of MPI that are loaded later look for its symbols. */
        if (access(path, R_OK) == 0) return dlopen(path, RTLD_NOW | RTLD_GLOBAL);
    }
    return NULL;
}

/* What one of several says would come several times: rank 0 speaks for all. */
static bool be_silent(void) {
    return freopen("/dev/null", "w", stdout) && freopen("/dev/null", "w", stderr);
}

bool ranks_open(session *cli) {
    if (!(cli->command->takes & TAKES_RANKS) || !is_one_of_many()) return true;
    ranks_begin_fn *begin = NULL;
    void *module = load_module(), *symbol = module ? dlsym(module, RANKS_BEGIN) : NULL;
    memcpy(&begin, &symbol, sizeof begin); /* ISO C has no cast from an object to a function */
    if (!begin) {
        session_usage(cli, "this declic cannot work as one of many processes: %s",
                      module ? "its module is of another version"
                             : "it was built without MPI, or its declic-ranks.so cannot be loaded");
        return false;
    }
    ranks_link *link = calloc(1, sizeof *link);
    if (!link) return false;
    link->context = &cli->context;
    cli->ranks_module = module;
    cli->ranks = link;
    if (begin(link) && (link->ranks.rank == 0 || be_silent())) return true;
    session_usage(cli, "MPI did not begin");
    return false;
}

void ranks_json(dcl_json_writer *json, const ranks_link *link) {
    dcl_json_key(json, "ranks");
    dcl_json_begin(json, '{');
    dcl_json_key_integer(json, "processes", link ? (int64_t)link->ranks.n : 1);
    dcl_json_key_fixed(json, "wait_s", link ? link->wait_s : 0, 4);
    dcl_json_key_fixed(json, "network_s", link ? link->network_s : 0, 4);
    dcl_json_key_integer(json, "network_bytes", link ? (int64_t)link->bytes : 0);
    dcl_json_end(json, '}');
}

int ranks_close(session *cli, int code) {
    ranks_link *link = cli->ranks;
    if (!link) return code;
    ranks_end_fn *end = NULL;
    void *symbol = dlsym(cli->ranks_module, RANKS_END);
    memcpy(&end, &symbol, sizeof end);
    dcl_status status = DCL_OK;
    if (code != CLI_DONE && code != CLI_PART) {
        status = cli->error.code ? cli->error.code : DCL_E_IO;
        if (!cli->error.msg[0])
            dcl_fail(&cli->error, status, "process %zu could not begin: run it alone to see why",
                     link->ranks.rank);
    }
    if (link->ranks.n) status = link->ranks.agree(link, status, &cli->error);
    if (end) end(link);
    bool speaks = link->ranks.rank == 0;
    if (speaks && status && code == CLI_DONE) code = session_fail(cli, status);
    cli->ranks = NULL;
    free(link);
    return speaks ? code : CLI_DONE;
}
