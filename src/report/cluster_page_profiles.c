/* Each cluster: its days by season with their spread, and what sets it apart. */
#include "report/cluster_page.h"

#include <math.h>
#include <stdio.h>

enum { SLOTS = DCL_PROFILE_SLOTS };

/* ---------------------------------------------------------------- in words */

/** How a trait is told; values 0: the words alone, 1: as a share, 2: as a number, 3: as a clock time. */
typedef struct telling {
    dcl_trait trait;
    dcl_word more, less;
    int values;
} telling;

static const telling tellings[] = {
    {DCL_TRAIT_NIGHT_SHARE, W_CLUSTERS_MORE_NIGHT_SHARE, W_CLUSTERS_LESS_NIGHT_SHARE, 1},
    {DCL_TRAIT_WINTER_RATIO, W_CLUSTERS_MORE_WINTER_RATIO, W_CLUSTERS_LESS_WINTER_RATIO, 2},
    {DCL_TRAIT_PEAK_HOUR, W_CLUSTERS_MORE_PEAK_HOUR, W_CLUSTERS_LESS_PEAK_HOUR, 3},
    {DCL_TRAIT_PEAK_SHARE, W_CLUSTERS_MORE_PEAK_SHARE, W_CLUSTERS_LESS_PEAK_SHARE, 0},
    {DCL_TRAIT_FLOOR_SHARE, W_CLUSTERS_MORE_FLOOR_SHARE, W_CLUSTERS_LESS_FLOOR_SHARE, 1},
    {DCL_TRAIT_WEEKEND_RATIO, W_CLUSTERS_MORE_WEEKEND_RATIO, W_CLUSTERS_LESS_WEEKEND_RATIO, 0},
    {DCL_TRAIT_VARIABILITY, W_CLUSTERS_MORE_VARIABILITY, W_CLUSTERS_LESS_VARIABILITY, 0},
    {DCL_TRAIT_QUIET_DAYS, W_CLUSTERS_MORE_QUIET_DAYS, W_CLUSTERS_LESS_QUIET_DAYS, 0},
    {DCL_TRAIT_COLD_SLOPE, W_CLUSTERS_MORE_COLD_SLOPE, W_CLUSTERS_LESS_COLD_SLOPE, 0},
};
enum { TELLINGS = sizeof tellings / sizeof *tellings, TOLD_MOST = 4 };

/* The median of the other clusters' medians, by their sizes, and how far the quartiles of all lie apart. */
static double elsewhere(const dcl_clusters *c, uint32_t cluster, dcl_trait trait, double *spread) {
    double sum = 0, weight = 0, width = 0, all = 0;
    for (uint32_t i = 0; i < c->k; i++) {
        size_t at = i * (size_t)DCL_TRAIT_COUNT + trait;
        if (isnan(c->trait[at])) continue;
        double homes = (double)c->size[i];
        width += homes * ((double)c->trait_high[at] - (double)c->trait_low[at]);
        all += homes;
        if (i == cluster) continue;
        sum += homes * (double)c->trait[at];
        weight += homes;
    }
    *spread = all > 0 ? width / all : (double)NAN;
    return weight > 0 ? sum / weight : (double)NAN;
}

/* Two hours of a mean day: of working days or of weekends, in parts of the homes' mean. */
typedef struct hours {
    size_t kind, slot;
    double own, others;
} hours;

enum { WIDTH = 4 }; /* half hours */

/* The mean of these hours over the seasons that are known; NaN where none is. */
static double level_of(const dcl_clusters *c, uint32_t cluster, size_t kind, size_t slot) {
    double sum = 0, n = 0;
    for (size_t season = 0; season < DCL_PROFILE_SEASONS; season++) {
        size_t at = cluster * (size_t)DCL_PROFILE_LENGTH + (season * DCL_PROFILE_KINDS + kind) * SLOTS + slot;
        for (size_t b = 0; b < WIDTH; b++)
            if (isfinite(c->profile[at + b])) sum += (double)c->profile[at + b], n++;
    }
    return n > 0 ? sum / n : (double)NAN;
}

/* The hours at which a cluster lies furthest above the others (sign 1) or below them (-1). */
static hours furthest(const dcl_clusters *c, uint32_t cluster, int sign) {
    hours best = {0};
    for (size_t kind = 0; kind < DCL_PROFILE_KINDS; kind++)
        for (size_t slot = 0; slot + WIDTH <= SLOTS; slot++) {
            double sum = 0, homes = 0, own = level_of(c, cluster, kind, slot);
            for (uint32_t i = 0; i < c->k; i++) {
                double level = i == cluster ? (double)NAN : level_of(c, i, kind, slot);
                if (!isnan(level)) sum += (double)c->size[i] * level, homes += (double)c->size[i];
            }
            if (homes > 0 && sign * (own - sum / homes) > sign * (best.own - best.others))
                best = (hours){kind, slot, own, sum / homes};
        }
    return best;
}

/* When more, and when less, goes on in these homes than in the others: what clusters of habits differ by. */
static const char *say_hours(dcl_speaker *say, const dcl_clusters *c, uint32_t cluster) {
    static const double LEAST = 0.15;
    static const dcl_word words[2][2] = {{W_CLUSTERS_MORE_WORKDAYS, W_CLUSTERS_MORE_WEEKENDS},
                                         {W_CLUSTERS_LESS_WORKDAYS, W_CLUSTERS_LESS_WEEKENDS}};
    const char *joined = "";
    for (int less = 0; less < 2; less++) {
        const hours at = furthest(c, cluster, less ? -1 : 1);
        if (fabs(at.own - at.others) < LEAST) continue;
        const char *told = SAY(say, words[less][at.kind], dcl_say_clock(say, (int)(at.slot + WIDTH / 2) * 30),
                               dcl_say_percent(say, at.own, 0), dcl_say_percent(say, at.others, 0));
        joined = *joined ? SAY(say, W_JOINED, joined, told) : told;
    }
    return joined;
}

static const char *say_value(dcl_speaker *say, int how, double value) {
    if (how == 1) return dcl_say_percent(say, value, 0);
    if (how == 2) return dcl_say_number(say, value, 1);
    return dcl_say_clock(say, (int)(value * 2 + 0.5) * 30 % (24 * 60));
}

/* A trait sets apart where the median of the cluster is more than half of a usual interquartile range from the others'; where
 * none does, the strongest is told from a quarter on. The hours come first. */
const char *dcl_say_apart_from(dcl_cluster_page *of, uint32_t cluster) {
    const dcl_clusters *c = of->report->clusters;
    dcl_speaker *say = &of->page.say;
    double strength[TELLINGS];
    const char *joined = say_hours(say, c, cluster);
    for (size_t t = 0; t < TELLINGS; t++) {
        double spread, others = elsewhere(c, cluster, tellings[t].trait, &spread);
        double off = (double)c->trait[cluster * (size_t)DCL_TRAIT_COUNT + tellings[t].trait] - others;
        strength[t] = isfinite(off) && spread > 0 ? off / spread : 0;
    }
    for (int told = 0; told < TOLD_MOST; told++) {
        size_t best = 0;
        for (size_t t = 1; t < TELLINGS; t++)
            if (fabs(strength[t]) > fabs(strength[best])) best = t;
        if (fabs(strength[best]) < (told ? 0.5 : 0.25)) break;
        const telling *how = &tellings[best];
        double spread, others = elsewhere(c, cluster, how->trait, &spread);
        double own = (double)c->trait[cluster * (size_t)DCL_TRAIT_COUNT + how->trait];
        dcl_word word = strength[best] > 0 ? how->more : how->less;
        const char *words = how->values ? SAY(say, word, say_value(say, how->values, own),
                                              say_value(say, how->values, others))
                                        : dcl_word_text(say->lang, word);
        joined = *joined ? SAY(say, W_JOINED, joined, words) : words;
        strength[best] = 0;
    }
    return joined;
}

/* ---------------------------------------------------------------- days */

/* Half hours of a cell as percentages of the mean. */
static void percent(const float *profile, size_t cell, float *out) {
    for (size_t b = 0; b < SLOTS; b++) out[b] = 100 * profile[cell * SLOTS + b];
}

/* Some home of the cluster knows the half hours of the cell. */
static bool is_known(const float *profile, size_t cell) {
    for (size_t b = 0; b < SLOTS; b++)
        if (isfinite(profile[cell * SLOTS + b])) return true;
    return false;
}

static void put_season_data(dcl_cluster_page *of, uint32_t cluster, size_t season,
                            const float *const columns[4]) {
    static const char *const names[] = {"winter", "spring", "summer", "autumn"};
    dcl_text csv = {0};
    char file[64];
    dcl_text_put(&csv, "half_hour,workday_pct,workday_p25_pct,workday_p75_pct,weekend_pct\n");
    for (int b = 0; b < SLOTS; b++) {
        dcl_text_format(&csv, "%02d:%02d", b / 2, b % 2 * 30);
        for (size_t i = 0; i < 4; i++) {
            dcl_text_put(&csv, ",");
            dcl_text_fixed(&csv, (double)columns[i][b], 1);
        }
        dcl_text_put(&csv, "\n");
    }
    snprintf(file, sizeof file, "cluster-%u-%s", cluster + 1, names[season]);
    dcl_analyst_data(&of->page, file, &csv, true);
}

static void put_season(dcl_cluster_page *of, uint32_t cluster, size_t season, double top) {
    static const dcl_word names[] = {W_CLUSTERS_WINTER, W_CLUSTERS_SPRING, W_CLUSTERS_SUMMER,
                                     W_CLUSTERS_AUTUMN};
    const dcl_clusters *c = of->report->clusters;
    dcl_page *page = &of->page;
    dcl_speaker *say = &page->say;
    size_t cell = season * DCL_PROFILE_KINDS, at = cluster * (size_t)DCL_PROFILE_LENGTH;
    float mean[SLOTS], low[SLOTS], high[SLOTS], weekend[SLOTS];
    dcl_chart chart;
    if (!is_known(c->profile + at, cell) && !is_known(c->profile + at, cell + 1)) return;
    percent(c->profile + at, cell, mean);
    percent(c->profile_low + at, cell, low);
    percent(c->profile_high + at, cell, high);
    percent(c->profile + at, cell + 1, weekend);
    const char *name = dcl_word_text(say->lang, names[season]);
    dcl_text_format(page->out, "<figure><figcaption>%s</figcaption>", name);
    dcl_chart_open(page, &chart, AXIS_RELATIVE, top, "", SAY(say, W_CLUSTERS_PROFILE_TITLE, name),
                   dcl_word_text(say->lang, W_CLUSTERS_BAND));
    dcl_chart_band(&chart, "band", low, high, SLOTS);
    dcl_chart_line(&chart, "main", mean, SLOTS);
    dcl_chart_line(&chart, "second", weekend, SLOTS);
    dcl_chart_shut(&chart);
    for (int hour = 0; hour < 24; hour += 6)
        dcl_chart_label(&chart, hour / 24.0, dcl_say_clock(say, hour * 60));
    dcl_chart_close(&chart);
    put_season_data(of, cluster, season, (const float *const[]){mean, low, high, weekend});
    dcl_put(page, "</figure>");
}

static void put_cluster(dcl_cluster_page *of, uint32_t cluster, double top) {
    const dcl_clusters *c = of->report->clusters;
    dcl_page *page = &of->page;
    dcl_speaker *say = &page->say;
    const char *apart = c->k > 1 ? dcl_say_apart_from(of, cluster) : "";
    dcl_text_format(page->out, "<section><h2>%s</h2><p>", dcl_say_cluster(of, cluster + 1));
    PUT_SAID(page, W_CLUSTERS_SIZE, dcl_say_number(say, (double)c->size[cluster], 0),
             dcl_say_percent(say, (double)c->size[cluster] / (double)c->in_clusters, 0),
             dcl_say_percent(say, c->energy_share[cluster], 0),
             dcl_say_watt(say, (double)c->trait[cluster * (size_t)DCL_TRAIT_COUNT + DCL_TRAIT_MEAN_W]));
    dcl_put(page, "</p><p>");
    if (*apart)
        PUT_SAID(page, W_CLUSTERS_APART_FROM, apart);
    else
        dcl_put_word(page, W_CLUSTERS_NOTHING_APART);
    dcl_put(page, "</p><div class=\"four\">");
    for (size_t season = 0; season < DCL_PROFILE_SEASONS; season++) put_season(of, cluster, season, top);
    dcl_put(page, "</div><p>");
    dcl_legend(page, "main", dcl_word_text(say->lang, W_WORKDAYS));
    dcl_legend(page, "second", dcl_word_text(say->lang, W_WEEKENDS));
    dcl_put(page, "</p></section>\n");
}

void dcl_cluster_page_profiles(dcl_cluster_page *of) {
    const dcl_clusters *c = of->report->clusters;
    double top = 100;
    for (size_t i = 0; i < c->k * (size_t)DCL_PROFILE_LENGTH; i++) {
        double most = 100 * fmax((double)c->profile_high[i], (double)c->profile[i]);
        if (isfinite(most) && most > top) top = most;
    }
    for (uint32_t cluster = 0; cluster < c->k; cluster++)
        if (c->size[cluster]) put_cluster(of, cluster, top);
}
