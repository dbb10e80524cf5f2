/* The table of commands, and the way to one of them. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/ranks.h"

/* The keys of --json: `key<tab>form: text`. A form is {keys} of an object or [{keys}] of a list of objects; a key may have
 * a form of its own behind it. A test holds them against what is printed. */
#define HOME_KEYS                                                                                            \
    "home\tits id, a name of ours\n"                                                                         \
    "format\tthe reader that made it\n"                                                                      \
    "readings\tread and kept\n"                                                                              \
    "reading_s\tthe commonest distance between them\n"                                                       \
    "subscribed_kva\tnull where the input does not tell\n"                                                   \
    "notes\tnames of what was done on reading\n"                                                             \
    "excluded\tfor each reason, how many readings were left out\n"                                           \
    "channels\t[{name, unit, from, to, period_s, samples, present, mean, min, max}]: UTC; mean, min, max "   \
    "null "                                                                                                  \
    "where nothing is present\n"                                                                             \
    "truth\t[{name, unit, from, to, period_s, samples, present, mean, min, max}]: plugs, sub-meters, "       \
    "simulated "                                                                                             \
    "appliances\n"                                                                                           \
    "va_maxima\thow many maxima of apparent power the meter itself measured\n"

#define PANEL_KEYS                                                                                           \
    "panel\t{homes, slots, from, to, period_s, coverage, scale_w, kinds, shards [{file, first_home, homes, " \
    "from, to, scale_w, present}]}: of a panel, in place of the keys of a home; coverage 0-1; scale_w W a "  \
    "step, null where shards differ; kinds whether kinds of household are known\n"

const cli_command cli_commands[] = {
    {"report", "INPUT… -o report.html", "a meter file in, a home explained",
     TAKES_COMMON | TAKES_INPUT | TAKES_OUTPUT | TAKES_JSON | TAKES_TARIFF | TAKES_LANG | TAKES_MODEL |
         TAKES_PANEL | TAKES_LABEL,
     1, -1, run_report,
     "Reads a home's consumption and writes one self-contained page: span and coverage, what could be saved, "
     "energy and cost by "
     "month, "
     "what the energy went to with ranges, the typical day, a map of days and hours, the load curve of the "
     "most telling days, what is always on, "
     "peaks "
     "where the input has them, and the same consumption under each tariff. What the data cannot show is "
     "said.\n\n"
     "No page, file or log tells the address of a delivery point or meter. With --alias-key a home is called "
     "by a "
     "keyed hash of its address, the same in every report, store and night; with --label by what you call "
     "it.\n\n"
     "Prices are those of the regulated French tariff, as dated lists compiled in; --tariff-file replaces "
     "them. Where "
     "a home is older than the lists, the present one is used and the page says so.\n\n"
     "What could be saved is judged on 14 whole days and more, what depends on seasons on a year. Hours and "
     "options are judged where "
     "--tariff says which one the home has; --hc and --subscribed make more of it possible.\n\n"
     "With --json the numbers go to standard output, beside the page or, without -o, alone.\n\n"
     "What was expected of the last day is shown beside what came, and what is expected next, with a band: "
     "by --forecast MODEL, "
     "which `declic learn forecast` made for the horizon day, else by a plain rule, which the page says.\n\n"
     "With --similar CLUSTERS the home stands beside real homes of its cluster: a file that `declic cluster REAL.h5 -o "
     "CLUSTERS.h5` made of a panel of them. Eleven in the cluster are the least, and only their quartiles are shown; clusters "
     "of simulated homes are refused. Without it, or where the readings lack a season that the clusters need, there is no "
     "such section.\n\n"
     "With --panel the input is a panel and -o a folder: each home has a page there, and index.html lists "
     "them. A home whose name is none of a file is called by its place in the panel, and with --alias-key "
     "each "
     "by its alias. Where a home can have no page the list says why, and the exit status is 3.",
     "home\twhat --label or --alias-key calls the home, else null\n"
     "span\t{from, to, coverage}: UTC; coverage 0-1\n"
     "energy_kwh\tover the covered time\n"
     "energy_cost_eur\tof that energy, without standing charge; null where too much of it has no price\n"
     "standing_cost_eur\tstanding charge of the span\n"
     "export_kwh\tenergy fed into the network, never netted; null without that channel\n"
     "reading_s\tthe commonest distance between readings\n"
     "period_s\tthe step of the series\n"
     "readings\tread and kept\n"
     "days\t{touched, full}: civil days with any data, and with nearly all\n"
     "months\t[{month, energy_kwh, energy_cost_eur, standing_cost_eur, coverage}]\n"
     "always_on_w\t{low, high}: what never switches off, as a range; contains cold appliances\n"
     "always_on\t{days, kwh_year_low, kwh_year_high, price_eur_kwh, eur_year_low, eur_year_high}: what that "
     "is in a year\n"
     "tariffs\t[{name, eur_span, eur_per_year, energy_eur, standing_eur, prices_from, unpriced_reason}]: "
     "eur_per_year null "
     "below 330 covered days or without a winter\n"
     "uses\t[{name, kwh, kwh_low, kwh_high, share, confidence, days, cycles, from}]: what the energy went "
     "to, "
     "each with a range; always_on is without cold appliances here; not_identified is always there and last\n"
     "uses_unknown\t[{name, why}]: uses without a number: not_seen, few_days, no_seasons, too_coarse or "
     "not_told_apart\n"
     "advice\t[{id, kwh_per_year, kwh_low, kwh_high, eur_low, eur_high, confidence, costs_comfort, days, "
     "cycles, now, usual_low, "
     "usual_high, starts, could_start, tariff, kva, since}]: what could be saved a year, as a range, best "
     "first: left_on, always_on, "
     "cold_appliance, water_heater_hours, cycles_hours, tariff, subscribed_power, overlapping_loads, "
     "heating_setback, "
     "tempo_red_days\n"
     "advice_none\t[{id, why}]: what was judged without result (nothing_to_gain), or not judged, and why\n"
     "advice_together\t{eur_low, eur_high, bill_eur, prices_from}: all advice at once; null below two; the "
     "year as it is\n"
     "recent\t{from, to, days, day_kwh, whole, energy_kwh, energy_cost_eur, standing_cost_eur, "
     "month_before {from, to, days, day_kwh, clear, kwh_more, eur_more, eur_by_kwh, eur_by_price, reason, "
     "part, was, is, share}, "
     "year_before {from, to, days, day_kwh, clear, kwh_more, eur_more, eur_by_kwh, eur_by_price, reason, "
     "part, was, is, share}}: "
     "the last month with 7 whole days, whole where readings reach its end, and what changed against the "
     "same days of the month and of the year "
     "before, null where those are not covered; clear where it is more than chance; reason none, empty_days, "
     "always_on, season "
     "or part_of_day\n"
     "ahead\t{from, why, start, issued, compared, inside, days, learned_later, day {kwh, kwh_low, kwh_high, came_kwh, "
     "over}, next {kwh, "
     "kwh_low, kwh_high}, points [{time_utc, expected_w, low_w, high_w, came_w}]}: a forecast of the last "
     "day beside what came, and of "
     "the 24 hours from issued on, in half hours; 8 values of 10 within low and high; from model, rule (the "
     "same half hour of the "
     "last 7 days, its band from its own errors on `days` days) or nobody; why too_short, too_coarse, gaps, "
     "or model_short where the "
     "rule stands in for a model\n"
     "similar\t{why, homes, cluster, traits [{name, unit, home, low, median, high}]}: the home's traits and the "
     "quartiles of the real homes of its cluster; why none, not_given, not_comparable, unlike or too_few\n"
     "typical_day\t{workday {days, day_kwh, half_hour_w}, weekend {days, day_kwh, half_hour_w}}: 48 means, "
     "from 00:00\n"
     "night_load\t{starts, days_seen, days, kwh, mean_w, mean_s}: a load that starts at the same time most "
     "nights; null "
     "where none was found\n"
     "peaks\t{source, subscribed_kva, days_over, top [{time, va}]}: source none, too_slow, meter or read; "
     "top is empty "
     "unless the input has apparent power fast enough\n"
     "telling_days\t[{why, date, energy_kwh, cycles [{label, start_utc, end_utc, energy_wh, mean_w, "
     "power_factor, appliance, confidence}]}]: appliance unknown unless a rule is sure\n"
     "unknowns\t[{unknown, mean_w, on_s, count, energy_kwh, part}]: loads that come again, have no name, and "
     "could be named by somebody who lives there; numbers as in cycles; part of the day or null\n"
     "changes\t[{appliance, mean_w, share_first, share_last, change_low, change_high, days}]: loads at a "
     "regular "
     "pace whose share of the time on changed, and what the change lies between in 19 cases of 20\n"
     "assumptions\t{cost_tariff, tariff_given, subscribed_kva, off_peak_hours, one_price_list, compared "
     "{from, to}, priced {from, to}}: priced, the dates of the span that have prices under that tariff\n"
     "notes\tnames of what was done on reading\n"
     "limits\tnames of what this data cannot show\n"
     "excluded\tfor each reason, how many readings were left out\n",
     "declic report enedis.csv -o report.html\tthe main job\n"
     "declic report enedis.csv --tariff hc --hc 22h-6h --subscribed 6 -o report.html\ta home on HP/HC\n"
     "declic report home.h5 --tariff tempo --lang en -o report.html\ta home on Tempo, in English\n"
     "declic report house4.tar.xz --without 06 --from 2012-10-01 -o report.html\tplugs of a data set\n"
     "declic report enedis.csv --json\tthe numbers alone\n"
     "declic report enedis.csv --forecast day.model -o report.html\twith a model's forecast\n"
     "declic report enedis.csv --similar street.h5 -o report.html\tbeside real homes of its cluster\n"
     "declic report --panel town.h5 -o pages\ta page for each home of a panel\n"},
    {"import", "INPUT… -o HOME.h5", "any supported file, folder or archive → the store",
     TAKES_COMMON | TAKES_INPUT | TAKES_OUTPUT | TAKES_JSON | TAKES_STORE | TAKES_APPEND | TAKES_LABEL, 1, -1,
     run_import,
     "Reads one home from one or several inputs and writes a store: an HDF5 file with a float32 list a "
     "channel, on a "
     "regular grid, NaN where a value is missing. The store is written whole or not at all; where one of "
     "several inputs "
     "cannot be read, nothing is written.\n\nAn input of many homes (Low Carbon London, a store of several "
     "homes) becomes a "
     "panel: their active power on one grid, in steps of 16 bits, in shards beside an index, which is what "
     "-o "
     "names. "
     "Homes of another step than the first are left out and counted, as are those without readings. --append "
     "adds to the "
     "panel that is there: days behind its end, and new homes. A panel goes wherever a store goes, with "
     "--home. Devices that are no home together (tracebase) become a store in which each is a home.\n\n"
     "A home is called home1, or as --label says. With --alias-key it is called by an alias of the address "
     "of its delivery "
     "point or meter, and each home of many by an alias of its id. The key is 32 random bytes that you alone "
     "can read; "
     "who has it can tell which address an alias is of, and another key gives other aliases.",
     HOME_KEYS PANEL_KEYS
     "imported\t{homes, new_homes, readings, left_out [{reason, homes, first}], excluded}: of a panel; "
     "excluded says for each reason how many readings\n",
     "declic import enedis.csv -o home.h5\ta meter file\n"
     "declic import january.csv february.csv -o home.h5\tseveral exports of one home\n"
     "declic import log.csv --time when --column P=power_w:kW -o home.h5\tany CSV, described\n"
     "declic import capture.tic --start 2026-01-31T12:00 -o home.h5\ta capture without times\n"
     "declic import lcl.tar.xz -o panel.h5\tmany homes\n"
     "declic import february.csv -o panel.h5 --append\tmore of them\n"},
    {"export", "INPUT [-o FILE]", "a store → CSV or NILMTK",
     TAKES_COMMON | TAKES_INPUT | TAKES_OUTPUT | TAKES_JSON | TAKES_AS, 1, -1, run_export,
     "Writes the channels as CSV: time_utc (start of the interval), then a column a channel, empty where a "
     "value is "
     "missing. Rows come at the finest step among the channels; a coarser channel repeats its mean. declic "
     "reads this "
     "form back.\n\nWith --as nilmtk, or where FILE ends in .h5, the home becomes a NILMTK data set that "
     "pandas opens: "
     "meter1 is the mains, meter2 and on are the parts whose truth is known. Rows in which nothing is known "
     "are left "
     "out there. The index shows the civil time of --zone.\n\nWith --json and -o, says on standard output "
     "what was "
     "written.",
     "home\tits id\n"
     "as\tthe form: csv or nilmtk\n"
     "meters\thow many tables: 1, and in a NILMTK file one more a part\n"
     "from\tstart of the first row, UTC\n"
     "to\tend of the last row, UTC\n"
     "period_s\tdistance of rows\n"
     "rows\thow many, without the header; of the first meter\n"
     "columns\ttheir names\n",
     "declic export home.h5 -o home.csv\tthe whole\n"
     "declic export home.h5 -o nilmtk.h5\tfor NILMTK and pandas\n"
     "declic export home.h5 --from 2025-01-01 --to 2025-02-01 | head\ta month, to look at\n"},
    {"edges", "INPUT [--csv|--json]", "the steps of the signal",
     TAKES_COMMON | TAKES_INPUT | TAKES_OUTPUT | TAKES_CSV | TAKES_JSON | TAKES_STEPS, 1, -1, run_edges,
     "Lists the steps between settled levels: when, how large in W, VA and var, the power factor where "
     "active and "
     "reactive power are known, and how long the signal took to settle. Loads that "
     "switch every few seconds (a coffee machine, a cooker) make no steps: they are states between two "
     "levels, summed up "
     "below the table and listed by --json. The table is for people, in civil "
     "time; --csv "
     "and --json are for programs, in UTC.\n\nWith --csv, a CSV, JSON lines or a télé-information on "
     "standard input (-) "
     "is "
     "followed as it comes: a row leaves as soon as its step is sure, and memory does not grow. A "
     "télé-information "
     "without times has those of arrival, or counts on from --start; its steps are in apparent power. "
     "Readings before "
     "the last one are left out; five in a row are a clock that went back, and the steps go on from there. "
     "Other "
     "formats on standard input, and --json, are read whole first. An interrupt (Ctrl-C) ends a stream as "
     "its end does, with "
     "exit status 130: the last step is printed where its level has held.",
     "edges\t[{time_utc, delta_w, delta_va, delta_var, power_factor, settle_s, overshoot_w, before_w, "
     "after_w}]: null where a channel is not there; overshoot is how far the signal went past the new level "
     "on "
     "its way; these three are VA where there is no active power\n"
     "pulsing\t[{start_utc, end_utc, low_w, high_w, duty, pulses}]: states that went back and forth between "
     "two "
     "levels too fast for steps; VA where there is no active power; duty is the share of the time at the "
     "high level\n"
     "samples\tof the signal\n"
     "present\tof them, those not missing\n",
     "declic edges home.h5 --csv > edges.csv\tfor a program\n"
     "declic edges home.h5 --min-step 200\tlarge ones\n"
     "declic edges - --csv < /dev/ttyUSB0\tof a meter's line, as they happen\n"},
    {"cycles", "INPUT [--csv|--json]", "what was on from when to when",
     TAKES_COMMON | TAKES_INPUT | TAKES_OUTPUT | TAKES_CSV | TAKES_JSON | TAKES_STEPS | TAKES_MODEL, 1, -1,
     run_cycles,
     "Pairs steps up and down into cycles with their energy. In load curves of 5 minutes and longer it lists "
     "the "
     "sustained rises that such data can show, and the loads that start at the same time of most days. Steps "
     "that found "
     "no partner are listed as leftovers. A cycle has a name where a rule is sure of it (a regular "
     "compressor, "
     "the load of most nights, hours above 2.5 kW), and of readings every 10 s and less where it is a pulse "
     "of "
     "a "
     "heater that a thermostat holds, belongs to the programme of a washing machine or a dishwasher, or is a "
     "kettle's: confidence then is at most that of the "
     "name. Programmes, and loads that come again without a name, are listed below the table. --model names "
     "cycles by loads that a person named, or by the power of appliances learned of this home. Where only "
     "apparent power is known, mean_w holds VA and the energy "
     "is not "
     "known (flag apparent). A load that switches every few seconds is one cycle (flag pulsing), its energy "
     "what lies "
     "above its low level.\n\nWith --csv, a CSV, JSON lines or a télé-information on standard input (-) is "
     "followed as "
     "it comes, as by "
     "edges. A cycle leaves a quarter of an hour after its end, when what overlaps it is known; the flags "
     "recurring and "
     "night and the names of appliances take weeks to be seen and are left out. An interrupt (Ctrl-C) prints "
     "what ended by then.",
     "cycles\t[{start_utc, end_utc, energy_wh, mean_w, power_factor, appliance, confidence, flags, duty, "
     "group, programme}]: duty is the "
     "share of the cycle that it was on; group and programme the number of its own or null\n"
     "leftovers\t[{time_utc, delta_w, delta_va, delta_var, power_factor, settle_s, overshoot_w, before_w, "
     "after_w}]: steps in no cycle, as edges lists them\n"
     "recurring\t{minute, days, of_days}: the usual civil start of recurring cycles; null where there are "
     "none\n"
     "groups\t[{group, count, mean_w, on_s, period_s, duty, duty_per_day, start_hour}]: cycles that come "
     "again; "
     "period_s null where at no regular distance; start_hour 24 counts by civil hour\n"
     "programmes\t[{programme, start_utc, end_utc, energy_wh, appliance, confidence, heat_w, heat_s, phases "
     "[{start_utc, end_utc, kind, mean_w}]}]: of machines that work in phases; kind heat or motor\n"
     "unknowns\t[{unknown, group, energy_wh, text}]: groups without a name, by energy\n",
     "declic cycles home.h5\ta table\n"
     "declic cycles - --csv < /dev/ttyUSB0\tof a meter's line, as they end\n"
     "declic cycles house4.tar.xz --only 01 --from 2012-10-01 --to 2012-10-02\tof one plug\n"},
    {"forecast", "INPUT… [--model MODEL] [--horizon HORIZON] [--backtest]",
     "what a home will draw, with honest intervals",
     TAKES_COMMON | TAKES_INPUT | TAKES_OUTPUT | TAKES_CSV | TAKES_JSON | TAKES_TARIFF | TAKES_MODEL |
         TAKES_FORECAST | TAKES_BACKTEST | TAKES_LABEL | TAKES_LANG,
     1, -1, run_forecast,
     "Forecasts the power of a home, or of every home of a panel: the next 10 seconds, minute or hour, the "
     "next 24 hours in half "
     "hours (hours where the input has no more), or the total of the civil day at any moment of it. --from "
     "is the moment it is "
     "made at; without it that is the end of the input. Nothing at or after it is looked at, but the "
     "calendar, the colours of "
     "Tempo days that are published by then, and temperatures of --weather.\n\n"
     "A mean and nine quantiles are told, p10 to p90; the truth should lie between p10 and p90 four times in "
     "five. They are put "
     "right by what the same forecasts would have said on the home's last 28 days. Values are W, of the "
     "day's total kWh.\n\n"
     "--model is what `declic learn forecast` made, of this home or of others. Without it a model is learned "
     "from the home's own "
     "past. Where that is too short (three weeks of values after a week to look back on; of an hour ahead "
     "two weeks, of less a "
     "day) a plain baseline is served and marked so.\n\n"
     "--backtest rolls through the past instead, from --from to --to, all homes in parallel, beside plain "
     "baselines. Without "
     "--model the first three fifths of the span, or what is before --from, are learned from. Errors: mae of "
     "p50, mae_mean and "
     "rmse of the mean, mase = mae over the mean change from the same hour a day earlier before the first "
     "forecast, pinball the "
     "mean over the nine quantiles, wql = 2 Σ pinball / Σ |truth|, coverage and width of p10 to p90.\n\n"
     "A model of learn forecast --gateway, or a blob that declic gateway made of one, tells the next minute "
     "and today "
     "(--horizon, default minute), and one number of each, under p50: all else is empty. With --quantised it "
     "is computed by "
     "the gateway's own integers, without by the floats they were made of. In a backtest its plain rule is "
     "persistence of "
     "the minute, mean_7_days of today.\n\n"
     "--csv writes time_utc,mean,p10,…,p90, of several homes also home, and with --backtest also "
     "issued_utc,home,actual.",
     "horizon\t10s, minute, hour, day or today\n"
     "unit\tW, or kWh of a day's total\n"
     "model\tgiven, learned or none\n"
     "quantised\twhether the integers of a gateway made them\n"
     "forecasts\t[{home, issued, served, why, level_changed, energy_kwh, cost_eur, points [{time_utc, "
     "end_utc, mean, p10, p20, "
     "p30, p40, p50, p60, p70, p80, p90}]}]: served is model or baseline, and why no model; cost_eur with "
     "--tariff and "
     "--subscribed, at the latest prices known, else null; empty with --backtest\n"
     "backtest\t{from, to, homes, issues, baselines_served, scale, by [{forecaster, n, mae, mae_mean, rmse, "
     "mase, pinball, wql, "
     "coverage, width}], each [{home, issues, n, mae, mae_mean, rmse, mase, pinball, wql, coverage, "
     "width}]}: null without "
     "--backtest; scale is what mase is over; coverage and width null of baselines; each is the model's, "
     "home by home\n",
     "declic forecast enedis.csv\tthe next 24 hours by a model of this home\n"
     "declic forecast home.h5 --model day.model --csv\tthe same by a model that was learned before\n"
     "declic forecast enedis.csv --horizon today --from 2025-01-14T12:00\twhat the day will come to, seen "
     "from noon\n"
     "declic forecast home.h5 --model minute.blob --quantised\twhat the gateway in the home says\n"
     "declic forecast panel.h5 --model day.model --backtest\tevery home of a panel\n"
     "declic forecast panel.h5 --model day.model --backtest --report backtest.html\ta page of it\n"},
    {"learn", "appliances|forecast DATA… [--plug NAME=FILE…] [--gateway] -o MODEL",
     "a model from homes that were measured",
     TAKES_COMMON | TAKES_INPUT | TAKES_OUTPUT | TAKES_JSON | TAKES_LEARN | TAKES_FORECAST | TAKES_TARIFF, 2,
     -1, run_learn,
     "learn forecast: from the past of one home or of many (a panel, or any input) it learns what declic "
     "forecast serves: a model "
     "of one --horizon. Values are measured by each home's own recent level, so that a model of many homes "
     "serves homes it has "
     "not seen. --from and --to bound what is learned; what is before is looked back on. --with adds the "
     "trainings of another "
     "model, of many homes say: on each home the one leads that did better lately. --rows is the most "
     "forecasts to learn from, "
     "300000 by default. Every sixth week is held back once, to calibrate the quantiles by, then learned "
     "from as well.\n\n"
     "learn appliances: from homes it learns what each appliance draws from the mains; from devices, what "
     "types of appliances "
     "look like. DATA "
     "are homes unless they are tracebase or a store made of it, or --devices lists devices among them.\n\n"
     "Homes: stores with parts under truth/ (plugs, "
     "sub-meters, "
     "simulated homes) or CSV with time_utc,mains_w,<appliance>_w,…, a home each, all on one period: "
     "--period "
     "sets it. "
     "Appliances of several homes with one name are one appliance.\n\n"
     "Besides the homes it learns from mixed copies, in which each appliance ran on another day. Every "
     "fourth day "
     "is held "
     "back to say how good the model is, then learned from as well. The same data, seed, threads, library "
     "and "
     "processor type give the same model.\n\n"
     "With --plug, DATA is one home's meter and each FILE what a smart plug measured beside it for a week or "
     "so, in "
     "any form that import reads. Clocks are put right by the plug's steps in the mains: up to ten minutes "
     "off, and a drift. A plug whose clock is further off, or whose steps are not in the mains more often "
     "than at clocks "
     "shifted at random, is refused; one that switches too seldom to tell is left out. The last third of the "
     "days, at "
     "least three, say what the plugs bring, beside what the program names without them and each appliance's "
     "mean; then the model is learned from all days. For a meter without active power the model goes by "
     "apparent power.\n\n"
     "Devices: each has a meter of its own and a type. Of tracebase the folder is the type. Of homes, "
     "--devices names "
     "them, in CSV with the header input,device,type: a line house1.tar.xz,01,fridge says that plug 01 (or "
     "what is called so "
     "under truth/) of that input is a fridge; a device of a home that it does not list teaches nothing. The "
     "model names "
     "days and runs of a plug, and cycles of the mains, by type, or abstains. It takes two devices of two "
     "types at least; a "
     "type with one device is marked. --rows is the most runs of a device, 40 by default.\n\n"
     "learn forecast --gateway: a model for the meter's microcontroller (declic gateway), which declic "
     "forecast "
     "serves as well. From homes with active power "
     "every "
     "minute or faster it learns to forecast the next minute and the rest of today, fifty trees of depth "
     "four each, "
     "from numbers that the gateway itself keeps; from homes known every second or two with parts under "
     "truth/ also "
     "to name steps. Every fourth home judges what the others teach; of fewer than four homes the last "
     "quarter "
     "of "
     "each; then forecasts learn from all. One that does not beat the plain rule by a hundredth is the plain "
     "rule. --rows is the most steps of a label that teach, 300 by default.\n\n"
     "With --name, DATA is one home, and loads that declic cycles lists without a name get one: the model "
     "holds "
     "what their cycles look like (steps, lengths, power factor, hours), and declic cycles --model or report "
     "--model names later cycles that look so. A name that is no kind of appliance is kept as it is.",
     "period_s\tthe step that the model is for\n"
     "features\thow many numbers it looks at for a moment\n"
     "trees\tof all appliances\n"
     "channels\twhat a home must have for it\n"
     "appliances\t[{name, mean_w, most_w, on_w, held_nde_root, held_f1, samples}]: held_… on days that were "
     "held "
     "back, null where they were too few\n"
     "model\t{least_confidence, types [{name, devices}], views [{signature, needs, vectors, trees, numbers}]}: "
     "learned of devices, this key alone\n"
     "plugs\t[{name, verdict, learned, offset_s, drift_ppm, steps, found, by_chance, by_chance_most, p, "
     "rival_s}]: with --plug alone; verdict is fits, or why it was left out; offset_s > 0 = behind the "
     "meter; p is how often chance finds as many\n"
     "gain\t{told, split, learned_days, held_days, appliances [{name, learned_days, held_days, with_plugs "
     "{f1, "
     "nde_root, energy_error}, without_plugs {f1, nde_root, energy_error}, mean {f1, nde_root, "
     "energy_error}}]}: with --plug alone\n"
     "forecast\t{horizon, period_s, trainings [{homes, rows, trees, from, to, held_pinball, held_coverage}], "
     "inputs [{name, "
     "unit}]}: of learn forecast, this key alone; held_pinball in parts of the home's level, held_coverage "
     "of p10 to p90 before "
     "calibration, on the weeks held back\n"
     "loads\t[{name, cycles, on_low_w, on_high_w, shortest_s, longest_s, confidence}]: with --name, this key "
     "and period_s alone\n"
     "gateway\t{homes, minute {bytes, trees, nodes, features, taught, judged, mae_plain, mae_float, "
     "mae_integer}, today {bytes, trees, nodes, features, taught, judged, mae_plain, mae_float, "
     "mae_integer}, "
     "step {bytes, trees, nodes, features, taught, judged, vectors, right, agree, sure, agree_sure, "
     "labels}}: of learn forecast --gateway, this key alone; as declic gateway prints it\n",
     "declic learn appliances home.csv -o home.model\tone home\n"
     "declic learn appliances a.h5 b.h5 --period 1min -o minutes.model\ttwo homes, for readings of a "
     "minute\n"
     "declic learn appliances tracebase.tar.xz -o types.model\ta model that names types\n"
     "declic learn appliances house1.tar.xz house4.tar.xz --devices plugs.csv -o types.model\tby plugs of "
     "homes\n"
     "declic learn appliances meter.h5 --plug kettle=kettle.csv --plug fridge=fridge.jsonl -o "
     "mine.model\tplugs "
     "worn for a week\n"
     "declic learn forecast homes.h5 --gateway -o gateway.model\tfor gateways\n"
     "declic learn appliances home.h5 --name \"unknown 1=kettle\" --name \"unknown 4=pool pump\" -o "
     "mine.model\tname "
     "loads of your own\n"},
    {"disaggregate", "INPUT --model MODEL [-o OUT]", "the power of each appliance, from the mains",
     TAKES_COMMON | TAKES_INPUT | TAKES_OUTPUT | TAKES_JSON | TAKES_MODEL, 1, -1, run_disaggregate,
     "Shares the mains out among the appliances that the model knows: CSV with "
     "time_utc,mains_w,<appliance>_w,…,other_w, "
     "or a store where OUT ends in .h5 (parts under truth/, noted as estimates). No power is negative, and a "
     "row "
     "adds up "
     "to the mains exactly, in steps of 0.1 W. While the home exports, what it draws is not seen: appliances "
     "are "
     "0 and "
     "other_w is the mains.\n\nConfidence is the F1 on days that the model was not trained on; coverage the "
     "share of the "
     "span with an estimate. The input is read on the model's period unless --period says otherwise.",
     "from\tstart, UTC\n"
     "to\tend, UTC\n"
     "period_s\tthe step\n"
     "samples\tof the span\n"
     "exporting\tof them, those at which the home exports\n"
     "mains_kwh\tof the home\n"
     "other_kwh\tof what no appliance of the model explains\n"
     "appliances\t[{name, kwh, confidence, coverage}]: confidence null where the model had too few days to "
     "tell\n",
     "declic disaggregate home.h5 --model home.model -o parts.csv\ta CSV\n"
     "declic disaggregate meter.csv --model home.model -o parts.h5 --json\ta store, and what was found\n"},
    {"evaluate", "TRUTH ESTIMATE [--json]", "how good an estimate of appliances is",
     TAKES_COMMON | TAKES_INPUT | TAKES_OUTPUT | TAKES_JSON | TAKES_SCORE, 2, 2, run_evaluate,
     "Compares the power of each appliance that both files name, over the moments at which both know it. "
     "Files "
     "are CSV "
     "with time_utc,mains_w,<appliance>_w,… or stores with parts under truth/, on one grid.\n\n"
     "With y the truth and x the estimate: MAE = mean |x-y|; RMSE = root of the mean of (x-y)²; NDE = "
     "sum (x-y)² / sum y² (Kolter, Batra and Ng 2010), and its root, which others call NDE (Zhong, Goddard "
     "and Sutton "
     "2014); SAE = |sum x - sum y| / sum y; EAE = the same difference as an energy (NILMTK 2014); F1 and MCC "
     "of "
     "the moments "
     "at which it is on, above the threshold printed; event precision and recall of changes between on and "
     "off, "
     "one to one "
     "within the tolerance; TECA = 1 - sum over appliances and time of |x-y| / (2 sum of the mains) (Kolter "
     "and "
     "Johnson 2011), the mains being the truth's, or the sum of its appliances where it has none.",
     "from\tstart of the common span, UTC\n"
     "to\tits end, UTC\n"
     "period_s\tthe step of both\n"
     "teca\ttotal energy correctly assigned, of all appliances compared; at most 1\n"
     "teca_samples\tmoments at which all of them are known\n"
     "appliances\t[{name, mae_w, rmse_w, nde, nde_root, sae, eae_wh, f1, mcc, precision, recall, on_w, "
     "event_precision, "
     "event_recall, tolerance_s, energy_truth_wh, energy_estimate_wh, events_truth, events_estimate, "
     "samples, "
     "truth_missing, estimate_missing}]: null where a figure is not defined\n"
     "only_in_truth\tnames without an estimate\n"
     "only_in_estimate\tnames without a truth\n",
     "declic evaluate truth.csv estimate.csv\ta table\n"
     "declic evaluate truth.csv estimate.csv --on 20 --json\tfor a program, with a threshold of 20 W\n"},
    {"cluster", "PANEL.h5 [-k K|auto] -o CLUSTERS.h5", "homes that use electricity alike",
     TAKES_COMMON | TAKES_OUTPUT | TAKES_JSON | TAKES_CSV | TAKES_LANG | TAKES_CLUSTER | TAKES_RANKS, 1, 1,
     run_cluster,
     "Groups the homes of a panel by the shape of their consumption, not by how much they take: mean days by "
     "season and by working day and weekend, "
     "divided by the home's mean. Homes with too little data, without consumption, or unlike all others are "
     "set apart first and listed. "
     "Principal components, then k-means. From 1,000 homes on they are grouped by their habits instead: "
     "when something goes on in them from 06:00 to 22:00, in the "
     "warm and in the cool half of the year, whatever it is that people switch on; --by says which.\n\n"
     "Without -k, 2 to 10 clusters are tried. The most clusters that come out alike from other samples of "
     "the homes (adjusted Rand index of 20 "
     "bootstraps, 0.6 or more), with none below 5 % of the homes and 95 % of the variance that k-means on "
     "the profiles themselves explains, are recommended and kept; silhouette, "
     "Davies-Bouldin and Calinski-Harabasz stand "
     "beside it.\n\n"
     "-o writes an HDF5 file with the homes' features and clusters, from which --assign puts other homes "
     "into the same clusters; --report a "
     "page for the analyst; --csv and --json go to standard output. Cluster 1 is the largest, 0 stands for "
     "set apart.\n\n"
     "Of more than 131,072 homes so many, drawn by --seed, are grouped; all homes are then put into their "
     "clusters.\n\n"
     "mpirun -n N declic cluster … shares the reading and describing among N processes, on one machine or "
     "several that see the same files: the same bytes as by one. The first process groups the homes and "
     "writes; it holds 1.7 KB a home.",
     "k\tclusters\n"
     "inertia\tsum of the squared distances to the centroids, on the components\n"
     "iterations\tof k-means, of the start that was kept\n"
     "seconds\tof the grouping, without reading the panel\n"
     "silhouette\tmean over silhouette_homes homes\n"
     "davies_bouldin\tless is better\n"
     "calinski_harabasz\tmore is better\n"
     "stability_ari\tmean adjusted Rand index of 20 bootstraps against the full fit, on its components; null "
     "with --assign\n"
     "stability_low_ari\tthe least of them\n"
     "stability_whole_ari\tthe mean where each bootstrap finds components of its own\n"
     "smallest_share\tof the homes in clusters, in the smallest\n"
     "shape_variance\tshare of the variance of the level-free profiles, or of the habits, that the clusters "
     "explain\n"
     "shape_variance_best\tthe same of k-means on these themselves\n"
     "homes\tof the panel\n"
     "homes_in_clusters\tof them, in a cluster\n"
     "choice\tgiven, finest_stable, most_stable, only_small or one_home\n"
     "reason\tthe same in words\n"
     "by\twhat homes were compared by: shapes or habits\n"
     "components\tprincipal components that are kept\n"
     "components_variance\tshare of the variance that they keep; null with --assign\n"
     "silhouette_homes\thomes that the silhouette is of\n"
     "bootstrap_homes\thomes that each bootstrap draws\n"
     "fitted_homes\thomes of the panel that the clusters were found on; all others were put into them; 0 "
     "with --assign\n"
     "days\tdays of all homes, each described by the dictionary of daily shapes\n"
     "days_learned\tof them, those that the dictionary was learned from\n"
     "tried\t[{k, inertia, iterations, silhouette, davies_bouldin, calinski_harabasz, stability_ari, "
     "stability_low_ari, stability_whole_ari, smallest_share, shape_variance, shape_variance_best}]: every "
     "number of clusters that was tried\n"
     "clusters\t[{cluster, homes, share, energy_share, mean_w, floor_w, floor_share, peak_hour, peak_share, "
     "night_share, weekend_ratio, winter_ratio, variability, quiet_days, shape_entropy, cold_slope}]: "
     "medians over the homes; null where the data cannot tell\n"
     "set_apart\t[{home, why, days, distance}]: why is little_data, idle, constant or outlier; distance 1 is "
     "the fence\n"
     "associations\t[{attribute, homes, cramers_v, mutual_bits, of_entropy}]: of --attributes, and of the "
     "panel's kinds of household\n"
     "kind_ari\tadjusted Rand index against the panel's kinds; null where it has none\n"
     "ranks\t{processes, wait_s, network_s, network_bytes}: processes that mpirun started; how long the "
     "first "
     "one waited for the others, and for bytes on their way; bytes that it got\n",
     "declic cluster panel.h5 -o clusters.h5 --report clusters.html\tthe main job\n"
     "declic cluster lcl.h5 --zone Europe/London --attributes households.csv --json\tnumbers alone\n"
     "declic cluster panel.h5 -k 6 --csv > clusters.csv\tsix clusters, as a table\n"
     "declic cluster new.h5 --assign clusters.h5 --csv\tother homes into the same clusters\n"
     "mpirun -n 4 declic cluster panel.h5 -o clusters.h5\tby four processes\n"},
    {"town", "-o TOWN.h5 [-n HOMES]", "simulated homes with the truth known",
     TAKES_COMMON | TAKES_OUTPUT | TAKES_TOWN | TAKES_STORE | TAKES_JSON | TAKES_RANKS, 0, 0, run_town,
     "Makes homes as they are lived in: a kind of household (a retired couple, a family, one who works by "
     "day, one who works at "
     "night, a second home; rooms heated by electricity or not) says how people live, weather and tariff "
     "what heats when, and "
     "each appliance draws its own stretches of power. The same seed gives the same homes, whatever their "
     "number.\n\n"
     "One home, or homes at short steps, become a store with active, apparent and reactive power; what each "
     "appliance really "
     "drew, what was used when and what kind of household it is stand under truth/. Several homes at 10 "
     "minutes and more, or "
     "over a hundred at a minute and more, become a panel: their power alone, with the kinds. A panel takes "
     "128 MB and some bytes a "
     "home, whatever their number.\n\n"
     "mpirun -n N declic town … shares the shards of a panel among N processes, on one machine or several "
     "that see the same files: the same bytes as by one. Where a process fails or is killed, all end and "
     "what was at -o stays.\n\n"
     "With --tic or --replay one home comes as its meter tells it, historique mode: a line a group, behind "
     "the "
     "moment at which it arrived, as declic reads it back. --replay sends each frame when it is due.\n\n"
     "Kinds: retired_gas, retired_electric, family_gas, family_electric, worker_gas, worker_electric, "
     "night_gas, night_electric, "
     "second_gas, second_electric.",
     HOME_KEYS "homes\tof several homes in a store, this key alone: a list of such objects\n"
               "town\t{homes, shards, mean_kwh, kinds [{kind, homes}], ranks {processes, wait_s, network_s, "
               "network_bytes}}: of a panel, in place of the keys of "
               "a home; mean_kwh a home "
               "over the span; ranks as of declic cluster\n",
     "declic town --days 14 -o home.h5\tone home\n"
     "declic town --share family_electric=1 --year 2024 --period 1min -o family.h5\ta year of a family's "
     "home\n"
     "declic town -n 20000 --period 30min -o town.h5\ta panel of a year of half hours\n"
     "declic town -n 20000 --period 30min --mix mix.csv --weather cold.csv -o town.h5\tanother town\n"
     "declic town --tic --days 1 -o capture.tic\twhat the meter says\n"
     "declic town --replay 1 | declic edges --csv -\tas it says it\n"},
    {"shelf", "list|show|diff|rollback|prune|add SHELF [MODEL] [VERSION…]",
     "versions of models: which there are, which one serves", TAKES_COMMON | TAKES_JSON | TAKES_SHELF | TAKES_LANG, 1, 5,
     run_shelf,
     "A shelf is a folder in which versions of models stand side by side, under the names of the models. One "
     "version of each is "
     "current: that one serves. Nothing on a shelf is ever changed; a run that is killed leaves the shelf as "
     "it was.\n\n"
     "list SHELF [MODEL] lists versions, a star at the current one, after verifying every byte; where one is "
     "damaged, it says so "
     "and the exit status is 3. show SHELF MODEL [VERSION] prints a version's card, by default the current "
     "one's. diff SHELF MODEL "
     "[VERSION [VERSION]] says in what two cards differ, by default the current one's parent and the current "
     "one. rollback SHELF "
     "MODEL [VERSION] lets another version serve, by default the current one's parent. prune SHELF MODEL "
     "removes old versions, "
     "never the current one, its parent, or the newest ones. add SHELF MODEL FILE puts a file there as a new "
     "version, and lets it "
     "serve; beside a model for gateways stand its blobs.\n\n"
     "Where the current version is damaged, the newest whole one before it serves until another is chosen.",
     "did\tthe word behind shelf\n"
     "models\t[{model, current, versions [{version, state, damage, kind, why, made, from, to, seed, parent, "
     "bytes, crc32, features "
     "[{name, unit}], metrics [{name, value}], made_by [{name, version}], files [{name, bytes, crc32}]}]}]: "
     "as they are now, of show the one shown; current null "
     "where none serves; state whole or damaged; from and to the span of the data it learned from; parent 0 "
     "where there is none\n"
     "changes\t[{what, before, after}]: of diff, in words\n"
     "chosen\tthe version that rollback or add lets serve, else null\n"
     "removed\tthe versions that prune removed, or would remove\n",
     "declic shelf list models\twhat is there\n"
     "declic shelf show models forecast-home1\tthe card of the one that serves\n"
     "declic shelf show models forecast-home1 --report card.html\tthe same as a page, beside other versions\n"
     "declic shelf diff models forecast-home1 3 4\twhat a version changed\n"
     "declic shelf rollback models forecast-home1\tback to its parent\n"
     "declic shelf prune models forecast-home1 --keep 5 --dry-run\twhat could go\n"},
    {"gateway", "MODEL -o DIR [--format blob|c|esp-idf]|MODEL CAPTURE",
     "a model for the meter's microcontroller", TAKES_COMMON | TAKES_JSON | TAKES_GATEWAY, 1, 2, run_gateway,
     "Gives a model that declic learn forecast --gateway made the form in which a gateway runs it: integers "
     "alone, "
     "about two "
     "and a half bytes a node, read in place. Blobs are files that are sent to gateways, each checked before "
     "it is "
     "used; c is one C file that needs nothing else; esp-idf is a component with all of the gateway's code "
     "and an "
     "example, built as it is by ESP-IDF for an ESP32-C6. card.json beside them says what they are.\n\n"
     "A gateway takes a meter's line byte by byte and gives records: steps with the appliance they are of, "
     "each "
     "minute with its mean and forecasts of the next minute and of today. What it computes is the same to "
     "the last "
     "bit as on this machine.\n\n"
     "With a CAPTURE of a meter's line, with a time of arrival before each group or from --start on, the "
     "same code runs here and prints as CSV what a gateway would have sent: events (delta_va … since_s) and "
     "minutes (mean_w … today_kwh).\n\n"
     "Printed are sizes and, on homes that did not teach, the mean absolute error of a plain rule (as now; "
     "as on "
     "average of the last days), of the forest as it was learned and of its integers.",
     "gateway\t{homes, minute {bytes, trees, nodes, features, taught, judged, mae_plain, mae_float, "
     "mae_integer}, today {bytes, trees, nodes, features, taught, judged, mae_plain, mae_float, "
     "mae_integer}, "
     "step {bytes, trees, nodes, features, taught, judged, vectors, right, agree, sure, agree_sure, "
     "labels}}: mae_… W, of today Wh; right, agree, sure, agree_sure are shares of the judged steps: "
     "right named by the support vectors, named alike by the tree, of which these are surer than 0.6, of "
     "those "
     "named alike\n",
     "declic gateway home.model -o blobs\tfiles to send to gateways\n"
     "declic gateway home.model capture.tic\twhat a gateway would have sent\n"
     "declic gateway home.model --format esp-idf -o components/declic\ta component for a firmware\n"},
    {"retrain", "--shelf DIR --data DIR [--new] [--dry-run]", "the nightly job: models kept good",
     TAKES_COMMON | TAKES_JSON | TAKES_FORECAST | TAKES_RETRAIN, 0, 0, run_retrain,
     "For each model of forecasts on the shelf: what it would have served since the last night is written "
     "down beside what came "
     "true, large misses with all that the model looked at; drift of its errors is looked for, against its "
     "own card and against the "
     "same hours of the day before (Page-Hinkley); a challenger learns from all days but the last 7, large "
     "misses twice, and both "
     "forecast those 7 days. The challenger serves where its pinball loss is lower by 2 % and its p10 to p90 "
     "covers 80 % of what "
     "came true, give or take 12; its card says why. A version that does worse than its parent by as much, "
     "over 5 days at least "
     "since it serves, gives way to it again. --with gives challengers a model of many homes as company, "
     "where it saw none of "
     "those days.\n\n"
     "Other models have the same contest, by what tells which one is better. Those for gateways (learn "
     "forecast --gateway): "
     "error over energy, of minutes and days, by the integers, which must be within their budget; the blobs "
     "stand beside the version on "
     "the shelf, read back before it serves. Those of appliances' power: the energy told wrong, by parts of "
     "the home's store, or "
     "by plugs: files NAME.csv in the folder HOME.plugs of --data. Those of loads that people named: the "
     "share of named cycles "
     "that is told otherwise, by HOME.names.csv of --data, rows as declic cycles --csv writes them "
     "(start_utc, appliance). Where "
     "there is no part and no name on those days, the night waits. Models of types of appliances are named "
     "and left alone.\n\n"
     "The home of a model is the file, store or folder of --data that is called like it, with or without "
     "forecast-, gateway-, appliances- or names- "
     "before and -HORIZON behind, or the home of that name in a store; the model of a panel is called like "
     "the panel. The night is the last "
     "midnight up to which there is data. With --new each home without a model gets a first one, called "
     "forecast-HOME. Where the name of a file has a meter's address in it, HOME is the alias of that address "
     "under --alias-key; without a key it is passed over.\n\n"
     "One run works on a shelf at a time. A run that was killed is finished by the next; a night that was "
     "done is not done again. "
     "What was served, missed and decided stands in SHELF/.nightly. A model that fails is named, the others "
     "go on, and the exit "
     "status is 3.",
     "dry_run\twhether nothing was written\n"
     "nights\t[{model, did, was, is, night, test_from, champion {n, loss, mae_w, pinball_w, coverage, "
     "seasonal_w}, challenger {n, loss, mae_w, "
     "pinball_w, coverage, seasonal_w}, parent {n, loss, mae_w, pinball_w, coverage, seasonal_w}, drift "
     "{days, own, naive, own_ph, "
     "naive_ph, seen}, served, misses, why}]: did one of first, promoted, refused, rolled_back, waited, "
     "already, skipped, failed; "
     "was and is versions, null where none; champion and challenger on the same days, the parent since the "
     "champion serves, null "
     "where not tested; own and naive the errors of the last 7 days over the card's and over those of the "
     "seasonal-naive; served "
     "and misses what was written down\n",
     "declic retrain --shelf models --data homes --new\ta first model of each home\n"
     "declic retrain --shelf models --data homes\tevery night, as scripts/nightly does\n"
     "declic retrain --shelf models --data homes --dry-run --json\twhat it would do\n"},
    {"info", "FILE [--json]", "what a store, a model or a meter file holds",
     TAKES_COMMON | TAKES_INPUT | TAKES_OUTPUT | TAKES_JSON, 1, -1, run_info,
     "Says which channels a file has, over which span and at which step, how much is missing, and what was "
     "noted on "
     "reading. A store or a panel may hold several homes; --home shows one of them.",
     HOME_KEYS PANEL_KEYS
     "homes\tof a store with several homes, this key alone: a list of such objects\n"
     "model\tof a model, this key alone: the object that learn prints, or "
     "{least_confidence, types [{name, devices}], views [{signature, needs, vectors, trees, numbers}]}\n"
     "gateway\t{homes, minute {bytes, trees, nodes, features, taught, judged, mae_plain, mae_float, "
     "mae_integer}, today {bytes, trees, nodes, features, taught, judged, mae_plain, mae_float, "
     "mae_integer}, "
     "step {bytes, trees, nodes, features, taught, judged, vectors, right, agree, sure, agree_sure, "
     "labels}}: of a model for gateways, this key alone\n"
     "blob\t{kind, bytes, serial, schema, trees, outputs, shift, features, labels}: of a blob for gateways, "
     "this "
     "key alone; names of features null where this version does not know them\n",
     "declic info home.h5\ta store\n"
     "declic info minute.blob\ta blob for gateways\n"
     "declic info enedis.csv\twhat would be read of a file\n"
     "declic info home.model\twhat a model knows, and how well\n"
     "declic info panel.h5 --home MAC000010\tone home of a panel\n"},
};
const size_t n_commands = sizeof cli_commands / sizeof *cli_commands;

const cli_command *find_command(const char *name) {
    for (size_t i = 0; i < n_commands; i++)
        if (strcmp(cli_commands[i].name, name) == 0) return &cli_commands[i];
    return NULL;
}

static int unknown_command(const char *word) {
    static const char *const words[] = {"formats", "help"};
    const char *names[sizeof cli_commands / sizeof *cli_commands + 2];
    size_t n = 0;
    for (; n < n_commands; n++) names[n] = cli_commands[n].name;
    for (size_t i = 0; i < 2; i++) names[n++] = words[i];
    const char *near = nearest(word, names, n);
    if (word[0] == '-')
        return session_usage(NULL, "the command comes first, options after it: declic COMMAND %s …", word);
    if (near) return session_usage(NULL, "no command is called %s; did you mean %s?", word, near);
    if (access(word, F_OK) == 0)
        return session_usage(NULL, "%s is a file; to explain it: declic report %s -o report.html", word,
                             word);
    return session_usage(NULL, "no command is called %s", word);
}

static bool is_one_of(const char *word, const char *a, const char *b, const char *c) {
    return strcmp(word, a) == 0 || strcmp(word, b) == 0 || strcmp(word, c) == 0;
}

/* What is no command of its own: help, man pages, completion, the list of formats. */
static int run_word(const char *word, const char *second) {
    const cli_command *command = second ? find_command(second) : NULL;
    bool help = is_one_of(word, "help", "-h", "--help"), man = strcmp(word, "--man") == 0;
    bool formats = strcmp(word, "formats") == 0;
    if (help && second && is_one_of(second, "formats", "help", "--help")) {
        formats = second[0] == 'f';
        help = !formats;
    } else if ((help || man) && second && !command) {
        return unknown_command(second);
    } else if (formats && second && !is_one_of(second, "-h", "--help", "help")) {
        return session_usage(NULL, "formats lists all formats and takes no argument");
    }
    if (is_one_of(word, "--version", "version", "-V"))
        puts("declic " DCL_VERSION);
    else if (formats)
        print_formats(stdout);
    else if (man)
        print_man(stdout, command);
    else if (strcmp(word, "--completion") == 0)
        print_completion(stdout);
    else if (help && command)
        print_command_help(stdout, command);
    else if (help)
        print_help(stdout);
    else
        return unknown_command(word);
    return CLI_DONE;
}

static int run_command(session *cli, int argc, char **argv) {
    if (!ranks_open(cli)) return CLI_USAGE;
    if (!parse_options(cli, argc, argv)) return CLI_USAGE;
    if (cli->help) {
        print_command_help(stdout, cli->command);
        return CLI_DONE;
    }
    if (!session_open(cli)) return cli->code ? cli->code : CLI_USAGE;
    return cli->command->run(cli);
}

/* Text that stayed in a buffer until now may still not arrive: a full disk, a closed output. */
static int finish_output(int code) {
    if (fflush(stdout) == 0 && !ferror(stdout)) return code;
    if (code == CLI_DONE) fputs("declic: standard output: cannot be written\n", stderr);
    return code == CLI_DONE ? CLI_FAILED : code;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        print_help(stderr);
        return CLI_USAGE;
    }
    session cli = {.command = find_command(argv[1]), .seed = 1, .copies = -1};
    if (!cli.command) return finish_output(run_word(argv[1], argc > 2 ? argv[2] : NULL));
    cli.inputs = calloc((size_t)argc, sizeof *cli.inputs);
    if (!cli.inputs) return CLI_FAILED;
    int code = ranks_close(&cli, run_command(&cli, argc, argv));
    session_close(&cli);
    free(cli.inputs);
    return finish_output(code);
}
