/* The signature of a run: its power above standby, looked at in one pass and a half. */
#include "appliance/signature.h"

#include <math.h>
#include <string.h>

/* Sizes that the definitions of include/declic/appliance_types.h name. */
static const float ON_W = 6, HEAT_W = 700, MOTOR_W = 50, STEP_W = 10, STEP_SHARE = 0.3f, LEVEL_W = 4,
                   LEVEL_SHARE = 0.05f;
/* Keeps ratios of small powers from exploding, W. */
static const float SOFT_W = 5;
enum { HEAD_S = 5, AFTER_S = 65, FAST_US = 10000000, LEVEL_SAMPLES = 5 };

/* A run as its samples above standby; a missing one holds the sample before. */
typedef struct view {
    const float *value;
    size_t n;
    float standby, before; /* before: of the last present sample */
} view;

static float next(view *v, size_t i) {
    float p = v->value[i] - v->standby;
    if (!isnan(p)) v->before = p > 0 ? p : 0;
    return v->before;
}

/* Sums over all samples. */
typedef struct sums {
    double p, square, third[3], head, difference;
    float max, head_max;
    size_t third_n[3], head_n, heat, motor, low;
} sums;

static void add_sums(sums *s, view v, size_t head, dcl_spread *power, dcl_spread *on, dcl_spread *after,
                     size_t head_s, size_t after_s) {
    for (size_t i = 0; i < v.n; i++) {
        float p = next(&v, i);
        size_t third = i * 3 / v.n;
        s->p += (double)p;
        s->square += (double)p * (double)p;
        s->third[third] += (double)p;
        s->third_n[third]++;
        if (p > s->max) s->max = p;
        if (i < head) s->head += (double)p;
        if (i < head_s && p > s->head_max) s->head_max = p;
        if (i >= head_s && i < after_s) dcl_spread_add(after, p);
        s->heat += p > HEAT_W;
        s->motor += p > MOTOR_W && p <= HEAT_W;
        s->low += p > ON_W && p <= MOTOR_W;
        dcl_spread_add(power, p);
        if (p > ON_W) dcl_spread_add(on, p);
    }
}

/* What needs the largest power first, and differences of neighbours. */
typedef struct counts {
    size_t duty, top, half, steps;
} counts;

static counts count(view v, float max, dcl_spread *change, double *total) {
    counts c = {0};
    float on = fmaxf(ON_W, 0.1f * max), step = fmaxf(STEP_W, STEP_SHARE * max), last = 0;
    for (size_t i = 0; i < v.n; i++) {
        float p = next(&v, i), difference = i ? fabsf(p - last) : 0;
        c.duty += p > on;
        c.top += p > 0.9f * max;
        c.half += p > 0.5f * max;
        c.steps += difference > step;
        if (i)
            dcl_spread_add(change, 8 * difference); /* eighths of what the bins are: differences are small */
        *total += (double)difference;
        last = p;
    }
    return c;
}

/* Plateaus, greedy from the left. */
typedef struct plateaus {
    size_t n, longest, samples;
    double level, square;
    float max;
} plateaus;

static void close_plateau(plateaus *out, size_t length, double sum) {
    if (length < LEVEL_SAMPLES) return;
    double level = sum / (double)length;
    out->n++;
    out->samples += length;
    if (length > out->longest) out->longest = length;
    out->level += sum;
    out->square += sum * level;
    out->max = fmaxf(out->max, (float)level);
}

static plateaus find_plateaus(view v) {
    plateaus out = {0};
    float low = 0, high = 0;
    double sum = 0;
    size_t length = 0;
    for (size_t i = 0; i < v.n; i++) {
        float p = next(&v, i), new_low = fminf(low, p), new_high = fmaxf(high, p);
        double bound = fmax((double)LEVEL_W, (double)LEVEL_SHARE * (sum + (double)p) / (double)(length + 1));
        if (length == 0 || (double)(new_high - new_low) > bound) {
            close_plateau(&out, length, sum);
            low = high = p;
            sum = (double)p;
            length = 1;
        } else {
            low = new_low;
            high = new_high;
            sum += (double)p;
            length++;
        }
    }
    close_plateau(&out, length, sum);
    return out;
}

static void put_plateaus(const plateaus *of, size_t n, float mean, float *out) {
    double samples = (double)of->samples, level = samples > 0 ? of->level / samples : 0;
    double variance = samples > 0 ? of->square / samples - level * level : 0;
    out[DCL_RUN_PLATEAUS] = (float)of->n;
    out[DCL_RUN_LONGEST] = (float)((double)of->longest / (double)n);
    out[DCL_RUN_STEADY] = (float)(samples / (double)n);
    out[DCL_RUN_PLATEAU_W] = (float)level;
    out[DCL_RUN_PLATEAU_MAX_W] = of->max;
    out[DCL_RUN_PLATEAU_SPREAD] = (float)sqrt(fmax(variance, 0)) / (mean + SOFT_W);
}

/* Mean of another channel over the run above its mean over the minute before; NaN where that is not known. */
static float mean_above(const dcl_series *of, const dcl_series *power, const dcl_run *run) {
    if (!of || of->start_us != power->start_us || of->period_us != power->period_us || of->n < run->last)
        return NAN;
    size_t minute = (size_t)(DCL_MINUTE_US / of->period_us) + 1,
           from = run->first > minute ? run->first - minute : 0;
    double in = 0, before = 0;
    size_t n_in = 0, n_before = 0;
    for (size_t i = from; i < run->last; i++) {
        if (isnan(of->value[i])) continue;
        *(i < run->first ? &before : &in) += (double)of->value[i];
        *(i < run->first ? &n_before : &n_in) += 1;
    }
    if (!n_in || (!n_before && !run->whole)) return NAN;
    double level = n_before ? before / (double)n_before : 0;
    return (float)(in / (double)n_in - (run->whole ? 0 : level));
}

static void put_context(const dcl_load *load, const dcl_runs *runs, size_t i, float *out) {
    const dcl_run *run = &runs->run[i];
    float period = (float)((double)load->power_w->period_us * 1e-6);
    out[DCL_RUN_STANDBY_W] = runs->standby_w;
    out[DCL_RUN_SINCE_S] = i ? period * (float)(run->first - run[-1].last) : 86400;
    out[DCL_RUN_UNTIL_S] = i + 1 < runs->n ? period * (float)(run[1].first - run->last) : 86400;
    out[DCL_RUN_WHOLE] = run->whole;
    out[DCL_RUN_SIZE_VA] = mean_above(load->apparent_va, load->power_w, run);
    float watts = out[DCL_RUN_MEAN_W], var = mean_above(load->reactive_var, load->power_w, run);
    out[DCL_RUN_SIZE_VAR] = var;
    out[DCL_RUN_POWER_FACTOR] = isnan(var) ? NAN : watts / sqrtf(watts * watts + var * var + 1e-6f);
    int64_t start = load->power_w->start_us + (int64_t)run->first * load->power_w->period_us;
    out[DCL_RUN_HOUR] = load->zone ? (float)dcl_zone_civil(load->zone, start).hour : NAN;
}

static void put_levels(const sums *s, const dcl_spread *power, const dcl_spread *on, size_t n, float period,
                       float *out) {
    static const double quantiles[] = {0.05, 0.25, 0.5, 0.75, 0.95};
    float mean = (float)(s->p / (double)n);
    double variance = s->square / (double)n - (double)mean * (double)mean;
    out[DCL_RUN_DURATION_S] = period * (float)n;
    out[DCL_RUN_ENERGY_WH] = (float)(s->p * (double)period / 3600);
    out[DCL_RUN_MEAN_W] = mean;
    out[DCL_RUN_MAX_W] = s->max;
    for (size_t q = 0; q < 5; q++) out[DCL_RUN_P05_W + q] = dcl_spread_quantile(power, quantiles[q]);
    out[DCL_RUN_ON_W] = dcl_spread_quantile(on, 0.5);
    out[DCL_RUN_SPREAD] = (float)sqrt(fmax(variance, 0)) / (mean + 1);
    out[DCL_RUN_PEAK_P95] = s->max / (out[DCL_RUN_P95_W] + SOFT_W);
    out[DCL_RUN_PEAK_ON] = s->max / (out[DCL_RUN_ON_W] + SOFT_W);
    out[DCL_RUN_HEAT] = (float)s->heat / (float)n;
    out[DCL_RUN_HEAT_S] = period * (float)s->heat;
    out[DCL_RUN_MOTOR] = (float)s->motor / (float)n;
    out[DCL_RUN_LOW] = (float)s->low / (float)n;
    float first = (float)(s->third[0] / (double)(s->third_n[0] + !s->third_n[0]));
    float last = (float)(s->third[2] / (double)(s->third_n[2] + !s->third_n[2]));
    out[DCL_RUN_SLOPE] = (last + SOFT_W) / (first + SOFT_W);
}

static void put_changes(const counts *c, const dcl_spread *change, double total, size_t n, float minutes,
                        float *out) {
    out[DCL_RUN_DUTY] = (float)c->duty / (float)n;
    out[DCL_RUN_TOP] = (float)c->top / (float)n;
    out[DCL_RUN_HALF] = (float)c->half / (float)n;
    out[DCL_RUN_STEPS] = (float)c->steps;
    out[DCL_RUN_STEPS_PER_MIN] = (float)c->steps / (minutes + 0.2f);
    out[DCL_RUN_FLICKER] = dcl_spread_quantile(change, 0.5) / 8 / (out[DCL_RUN_ON_W] + SOFT_W);
    out[DCL_RUN_CHANGE] = (float)(total / (double)n) / (out[DCL_RUN_MEAN_W] + SOFT_W);
    out[DCL_RUN_CHANGE95] = dcl_spread_quantile(change, 0.95) / 8 / (out[DCL_RUN_MAX_W] + SOFT_W);
}

void dcl_signature_run(const dcl_load *load, const dcl_runs *runs, size_t i, float *out) {
    const dcl_run *run = &runs->run[i];
    const dcl_series *power = load->power_w;
    view v = {power->value + run->first, run->last - run->first, run->standby_w, 0};
    float period = (float)((double)power->period_us * 1e-6);
    size_t head_s = (size_t)(HEAD_S / period), after_s = (size_t)(AFTER_S / period),
           head = v.n / 10 < 3 ? 3 : v.n / 10;
    dcl_spread spread = {{0}, 0}, on = {{0}, 0}, after = {{0}, 0};
    sums s = {0};
    add_sums(&s, v, head, &spread, &on, &after, head_s ? head_s : 1, after_s ? after_s : 2);
    put_levels(&s, &spread, &on, v.n, period, out);
    out[DCL_RUN_HEAD] =
        ((float)(s.head / (double)(head < v.n ? head : v.n)) + SOFT_W) / (out[DCL_RUN_MEAN_W] + SOFT_W);
    out[DCL_RUN_INRUSH] = s.head_max / (dcl_spread_quantile(&after, 0.5) + SOFT_W);
    spread = (dcl_spread){{0}, 0};
    double total = 0;
    counts c = count(v, s.max, &spread, &total);
    put_changes(&c, &spread, total, v.n, (float)v.n * period / 60, out);
    plateaus levels = find_plateaus(v);
    put_plateaus(&levels, v.n, out[DCL_RUN_MEAN_W], out);
    put_context(load, runs, i, out);
    for (size_t f = 0; f < DCL_RUN_COUNT; f++) {
        if (power->period_us > FAST_US && dcl_signature_needs(DCL_SIGNATURE_RUN, f) & DCL_NEEDS_FAST)
            out[f] = NAN;
    }
}
