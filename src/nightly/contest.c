/* Who is better on the same days: a challenger against the version that serves, and its parent against both. */
#include <math.h>

#include "nightly/night.h"

/* ---------------------------------------------------------------- words */

static void put_score(const night_job *j, dcl_text *text, const char *who, const dcl_night_score *score) {
    dcl_text_format(text, "%s: ", who);
    j->kind->put_score(text, score);
}

/* "<verdict>; challenger: pinball …, current: pinball … on the days from …" */
static void say_compared(night_job *j, const char *verdict, const char *who, const dcl_night_score *other,
                         const dcl_night_score *current, int64_t from_us) {
    dcl_text text = {0};
    char stamp[32];
    dcl_text_format(&text, "%s; ", verdict);
    put_score(j, &text, who, other);
    dcl_text_put(&text, "; ");
    if (current->n) put_score(j, &text, "current", current);
    if (current->n) dcl_text_put(&text, "; ");
    dcl_time_format(from_us, stamp);
    dcl_text_format(&text, "%zu values from %s on that none of them learned from", other->n, stamp);
    night_put_why(j, text.failed ? verdict : text.at);
    dcl_text_free(&text);
}

/* ---------------------------------------------------------------- how good */

static bool calibrated(const night_job *j, const dcl_night_score *s) {
    return isnan(s->coverage) || fabs(s->coverage - 0.8) <= j->run->options.calibration;
}

static bool clearly_better(const night_job *j, const dcl_night_score *a, const dcl_night_score *than) {
    return a->loss < (1 - j->run->options.margin) * than->loss;
}

/* ---------------------------------------------------------------- back to the parent */

/* True in *back where the parent did clearly better since the current version serves. */
dcl_status night_try_parent(night_job *j, bool *back) {
    const dcl_card *card = &j->champion.found.version.card;
    night_version parent;
    dcl_night_score now;
    *back = false;
    int64_t since = night_midnight_after(j, card->made_us), night = j->out->night_us;
    if (since < night_days_before(j, night, NIGHT_CATCH_UP_DAYS))
        since = night_days_before(j, night, NIGHT_CATCH_UP_DAYS);
    if (since < j->champion.learned_us) since = night_midnight_after(j, j->champion.learned_us);
    if (!card->parent || night_days_between(j, since, night) < j->run->options.least_days) return DCL_OK;
    if (night_read_version(j, card->parent,
                           &parent)) { /* gone, damaged, or of another kind: nothing to go back to */
        j->kind->close(&parent.model);
        return DCL_OK;
    }
    if (since < parent.learned_us) since = night_midnight_after(j, parent.learned_us);
    dcl_status status = DCL_OK;
    if (night_days_between(j, since, night) >= j->run->options.least_days) {
        status = j->kind->score(j, j->champion.model, since, &now);
        if (!status) status = j->kind->score(j, parent.model, since, &j->out->parent);
        *back = !status && clearly_better(j, &j->out->parent, &now);
    }
    j->kind->close(&parent.model);
    if (!*back) return status == DCL_E_NO_DATA ? DCL_OK : status;
    j->out->did = DCL_NIGHT_ROLLED_BACK;
    j->out->champion = now;
    j->out->test_from_us = since;
    say_compared(j, "the parent did better since the current version serves", "parent", &j->out->parent, &now,
                 since);
    if (!j->run->options.dry_run) status = dcl_shelf_choose(j->run->shelf, j->name, card->parent, j->error);
    if (!status && !j->run->options.dry_run) j->out->is = card->parent;
    return status;
}

/* ---------------------------------------------------------------- the challenger */

static void judge(night_job *j) {
    const dcl_night_score *new = &j->out->challenger, *old = &j->out->champion;
    bool better = clearly_better(j, new, old), fits = calibrated(j, new);
    j->out->did = better && fits ? DCL_NIGHT_PROMOTED : DCL_NIGHT_REFUSED;
    dcl_text text = {0};
    dcl_text_put(&text, better ? "better by " : "not better by ");
    dcl_text_fixed(&text, 100 * j->run->options.margin, 1);
    dcl_text_put(&text, isnan(new->coverage) ? " %" : fits ? " %, calibrated" : " %, not calibrated");
    if (j->out->drift.seen) dcl_text_put(&text, ", drift seen");
    say_compared(j, text.failed ? "" : text.at, "challenger", new, old, j->out->test_from_us);
    dcl_text_free(&text);
}

dcl_status night_try_challenger(night_job *j) {
    void *model = NULL;
    dcl_status status = j->kind->learn(j, &model);
    if (!status) status = j->kind->score(j, model, j->out->test_from_us, &j->out->challenger);
    if (!status && j->champion.model)
        status = j->kind->score(j, j->champion.model, j->out->test_from_us, &j->out->champion);
    if (!status && j->champion.model) judge(j);
    if (!status && !j->champion.model) {
        j->out->did = DCL_NIGHT_FIRST;
        say_compared(j, "the first version", "it", &j->out->challenger, &j->out->champion,
                     j->out->test_from_us);
    }
    if (!status && j->out->did != DCL_NIGHT_REFUSED) status = night_promote(j, model, &j->out->challenger);
    j->kind->close(&model);
    return status;
}
