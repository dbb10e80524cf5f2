/*
 * Price lists of the Tarif Bleu for homes, all taxes included.
 *
 * Tempo from 2016-08 to 2025-08: the official file of the regulated tariff's Tempo option (open data, one row
 * a subscribed power; no row with figures for 6 kVA before 2023-02: it was not sold). Base, HP/HC, and Tempo
 * of 2026-02: EDF's published lists as gathered by jc144, given a month there; their standing charges are
 * unconfirmed. Where both have Tempo of 2025 they are up to 1 % below the official file's; the bills of one
 * home at 6 kVA (13.97 € a month from 2025-02, official file 14.07) side with the gathered ones. From 2026-02
 * Base has one price up to 6 kVA and another above (so too revolution-energetique.com of that month).
 *
 * A list holds until the next of its kind that is sold at the same power. The tariff is revised every
 * 1 February and 1 August, so the last lists hold until the first revision that is not in the table.
 */
#include "tariff/tables.h"

const int32_t dcl_prices_end = 20260801;

/*
 * Kind, first day, prices (1e-5 €/kWh) in the order of the kind's classes; then standing charges (0.01
 * €/year) at 3, 6, 9, 12, 15, 18, 24, 30 and 36 kVA, -1 where it is not sold, and whether they are the
 * official file's.
 */
// clang-format off
const dcl_price_row dcl_price_table[] = {
    {DCL_TARIFF_BASE, 20240201, {25160},
     {11556, 15120, 18948, 22848, 26484, 30108, 38112, 44928, 53784}, false},
    {DCL_TARIFF_BASE, 20241101, {25160},
     {11628, 15216, 19068, 22992, 26484, 30288, 38352, 45216, 53316}, false},
    {DCL_TARIFF_BASE, 20250201, {20160},
     {12492, 16464, 20724, 25032, 29040, 32868, 41616, 50388, 58068}, false},
    {DCL_TARIFF_BASE, 20250801, {19520},
     {14076, 18564, 23268, 27984, 32472, 36912, 46548, 55728, 65148}, false},
    {DCL_TARIFF_BASE, 20260201, {19400},
     {14436, 18780, -1, -1, -1, -1, -1, -1, -1}, false},
    {DCL_TARIFF_BASE, 20260201, {19270},
     {-1, -1, 23472, 27984, 32208, 36588, 45888, 54444, 63048}, false},
    {DCL_TARIFF_HC, 20240201, {27000, 20680},
     {-1, 15612, 20040, 24156, 28080, 31968, 40128, 47556, 53748}, false},
    {DCL_TARIFF_HC, 20250201, {21460, 16960},
     {-1, 16848, 21612, 26028, 30192, 34488, 43476, 50352, 58464}, false},
    {DCL_TARIFF_HC, 20250801, {20810, 16350},
     {-1, 18888, 23772, 28512, 32988, 37608, 47364, 56424, 65532}, false},
    {DCL_TARIFF_HC, 20260201, {20650, 15790},
     {-1, 18780, 23472, 27984, 32208, 36588, 45888, 54444, 63048}, false},
    {DCL_TARIFF_TEMPO, 20160801, {12780, 10750, 16740, 14000, 52160, 21610},
     {-1, -1, 11624, 18198, 21002, 23705, -1, 59721, 70080}, true},
    {DCL_TARIFF_TEMPO, 20170801, {13300, 11150, 16340, 13500, 54970, 17520},
     {-1, -1, 13711, 16043, 17958, 19670, -1, 26185, 29950}, true},
    {DCL_TARIFF_TEMPO, 20180201, {13260, 11120, 16280, 13460, 54820, 17460},
     {-1, -1, 14051, 16269, 17960, 19391, -1, 27432, 31276}, true},
    {DCL_TARIFF_TEMPO, 20180801, {13290, 11040, 15580, 12550, 54130, 13230},
     {-1, -1, 14511, 16907, 18789, 20460, -1, 29274, 33537}, true},
    {DCL_TARIFF_TEMPO, 20190601, {14436, 12000, 16010, 12720, 60950, 13550},
     {-1, -1, 14511, 16907, 18789, 20460, -1, 29274, 33537}, true},
    {DCL_TARIFF_TEMPO, 20190801, {14600, 12140, 16190, 12870, 61820, 13700},
     {-1, -1, 15540, 18146, 20237, 22166, -1, 31881, 36607}, true},
    {DCL_TARIFF_TEMPO, 20200201, {15310, 12420, 17380, 13920, 63710, 14880},
     {-1, -1, 15692, 18298, 20389, 22305, -1, 32033, 36747}, true},
    {DCL_TARIFF_TEMPO, 20200801, {15480, 12460, 17570, 13970, 63890, 14910},
     {-1, -1, 16666, 19595, 22037, 24209, -1, 35226, 40390}, true},
    {DCL_TARIFF_TEMPO, 20210201, {15150, 12300, 17820, 14040, 62750, 14990},
     {-1, -1, 16603, 19532, 21961, 24133, -1, 35150, 40327}, true},
    {DCL_TARIFF_TEMPO, 20210801, {14980, 12300, 17730, 14120, 62740, 15090},
     {-1, -1, 18103, 21841, 25175, 28370, -1, 42804, 50166}, true},
    {DCL_TARIFF_TEMPO, 20220201, {13120, 9020, 16920, 11510, 55250, 12620},
     {-1, -1, 17952, 21702, 25036, 28230, -1, 42664, 50026}, true},
    {DCL_TARIFF_TEMPO, 20220801, {13120, 9020, 16920, 11510, 55250, 12620},
     {-1, -1, 17952, 21702, 25036, 28230, -1, 42664, 50026}, true},
    {DCL_TARIFF_TEMPO, 20230201, {12490, 9700, 15080, 11400, 67120, 12160},
     {-1, 14736, 18616, 22459, 25872, 29114, -1, 43901, 51001}, true},
    {DCL_TARIFF_TEMPO, 20230801, {13690, 10560, 16540, 12460, 73240, 13280},
     {-1, 15360, 19442, 23485, 27129, 30740, -1, 46485, 53955}, true},
    {DCL_TARIFF_TEMPO, 20240201, {16090, 12960, 18940, 14860, 75620, 15680},
     {-1, 15709, 19632, 23675, 27319, 30930, -1, 46675, 54132}, true},
    {DCL_TARIFF_TEMPO, 20250201, {15520, 12870, 17920, 14470, 65860, 15180},
     {-1, 16887, 21116, 25409, 29331, 33265, -1, 49998, 58799}, true},
    {DCL_TARIFF_TEMPO, 20250801, {14940, 12320, 17300, 13910, 64680, 14600},
     {-1, 18646, 23512, 28234, 32570, 37117, -1, 55941, 65878}, true},
    {DCL_TARIFF_TEMPO, 20260201, {16120, 13250, 18710, 14990, 70600, 15750},
     {-1, 18708, 23256, 27684, 31764, 36048, -1, 53676, 62904}, false},
};
// clang-format on

const size_t dcl_price_rows = sizeof dcl_price_table / sizeof *dcl_price_table;
