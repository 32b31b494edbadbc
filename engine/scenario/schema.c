/* The table of the language's keys, and the check of a tree against it. */
#include "scenario/schema.h"

#include <string.h>

static const char *const remarks[] = {"title", "note", "source", "choose", "over", "why", "assumption", "quality"};

/* clang-format off */
static const pf_shape shapes[] = {
    {"model", "A model file", false,
     {{"parkflow", PF_KEY_TEXT, "1", true, "Version of the language"},
      {"use", PF_KEY_TEXTS, NULL, false, "Files read first; this one is laid over them"},
      {"time", PF_KEY_SHAPE, "time", true, "Period, step and what is reported"},
      {"accounting", PF_KEY_SHAPE, "accounting", false,
       "Choices of boundary, warming potentials, grid factor and money"},
      {"units", PF_KEY_TEXT_MAP, NULL, false, "Names of units, each in terms of others"},
      {"currencies", PF_KEY_TEXTS, NULL, false, "Names of currencies"},
      {"money", PF_KEY_SHAPE, "money", false, "Exchange rates and deflators by year"},
      {"evidence", PF_KEY_TEXTS, NULL, false, "Tables of sources that `source:` refers to"},
      {"parameters", PF_KEY_VALUE_MAP, NULL, false, "Values that any expression may name"},
      {"components", PF_KEY_MAP_OF, "component", false, "What is mixed and split with a carrier"},
      {"carriers", PF_KEY_MAP_OF, "carrier", false, "What flows"},
      {"gases", PF_KEY_MAP_OF, "gas", false, "What is emitted"},
      {"sectors", PF_KEY_MAP_OF, "sector", false, "Defaults for the processes of a sector, shared by all of them"},
      {"templates", PF_KEY_OPEN, NULL, false, "Sites and processes that entries with `template: NAME` are made from"},
      {"lookups", PF_KEY_MAP_OF, "lookup", false, "Tables that `lookup(NAME, x)` reads"},
      {"correlations", PF_KEY_LIST_OF, "correlation", false, "Rank correlations between uncertain parameters"},
      {"process_types", PF_KEY_MAP_OF, "process_type", false, "Kinds of processes"},
      {"parks", PF_KEY_MAP_OF, "park", true, "Industrial parks"},
      {"processes", PF_KEY_MAP_OF, "process", false, "Processes of the model itself, shared by parks"},
      {"markets", PF_KEY_MAP_OF, "market", false, "Markets between parks"},
      {"interventions", PF_KEY_MAP_OF, "intervention", false, "Dated changes"},
      {"scenarios", PF_KEY_MAP_OF, "scenario", true, "Named sets of interventions"},
      {"indicators", PF_KEY_MAP_OF, "indicator", false, "Named outputs"},
      {"checks", PF_KEY_MAP_OF, "check", false, "Observations and bounds that results are held against"},
      {"facts", PF_KEY_TEXT_MAP, NULL, false, "Units of the facts that parks may state and criteria name: {area: ha}"},
      {"criteria", PF_KEY_MAP_OF, "criterion", false, "What frameworks and laws ask of a park"},
      {"actors", PF_KEY_MAP_OF, "actor", false, "Whose money comes and goes: how `analyse attribute` tells costs by actor"},
      {"fit", PF_KEY_SHAPE, "fit", false, "What `parkflow fit` estimates from the checks with `use: fit`"}}},
    {"time", "The model's time", false,
     {{"start", PF_KEY_DATE, NULL, true, "First step"},
      {"end", PF_KEY_DATE, NULL, true, "Last step"},
      {"step", PF_KEY_TEXT, "day|week|month|quarter|year", false, "Length of a step; month if not said"},
      {"report", PF_KEY_TEXT, NULL, false, "What is given out, as START..END; all if not said"}}},
    {"accounting", "Choices: what `by: NAME` in a value goes by, as in {gwp: ar5, grid: average}", true,
     {{"boundary", PF_KEY_TEXT, "park|programme", false, "What is inside: scope 1; what crosses is scope 2"},
      {"pedigree", PF_KEY_TEXT, "none|spread", false, "spread: numbers that have a `quality` are drawn by it"},
      {"freeze", PF_KEY_SHAPE, "freeze", false, "What does not change over time: a run is then a rate, as audits say it"},
      {"money", PF_KEY_SHAPE, "accounting_money", false, "Currency and price year of results"}}},
    {"freeze", "Values held over all time; what is not named goes on changing", false,
     {{"adoption", PF_KEY_DATE, NULL, false, "Adoption and trends as at the end of this date: 2023-10"},
      {"activity", PF_KEY_TEXT, NULL, false, "Indexes of output at their mean over this period: 2019, 2019..2021"},
      {"factors", PF_KEY_TEXT, NULL, false, "Every other series, grid factors and prices among them, likewise"}}},
    {"accounting_money", "Money of the results", false,
     {{"currency", PF_KEY_TEXT, NULL, true, "Its name"}, {"year", PF_KEY_TEXT, NULL, true, "Prices of this year"}}},
    {"money", "Exchange rates and deflators", false,
     {{"exchange", PF_KEY_OPEN, NULL, false, "{USD: {2019: 23050, ...}}: units of the accounting currency for one"},
      {"deflator", PF_KEY_OPEN, NULL, false, "{VND: {2019: 100, ...}}: price level by year"}}},
    {"lookup", "A table of two columns, linear between its points and constant beyond them", false,
     {{"x", PF_KEY_TEXTS, NULL, true, "Rising values"}, {"y", PF_KEY_TEXTS, NULL, true, "As many values"}}},
    {"correlation", "A rank correlation", false,
     {{"between", PF_KEY_TEXTS, NULL, true, "Two parameters, by path"}, {"rho", PF_KEY_TEXT, NULL, true,
      "Spearman's rank correlation, -1 to 1"}}},
    {"component", "A component of a carrier", false, {{"unit", PF_KEY_TEXT, NULL, true, "Unit of its amount"}}},
    {"carrier", "A carrier", false,
     {{"unit", PF_KEY_TEXT, NULL, true, "Unit of its amount"},
      {"group", PF_KEY_TEXT, NULL, false, "A parameter may ask for a carrier of a group"},
      {"components", PF_KEY_TEXTS, NULL, false, "Components that travel with it"},
      {"embodied", PF_KEY_FLAG, NULL, false, "Emissions of making it travel with it to who buys it"},
      {"properties", PF_KEY_VALUE_MAP, NULL, false, "Read as $carrier.property"}}},
    {"gas", "An emitted gas", false,
     {{"unit", PF_KEY_TEXT, NULL, true, "Unit of its mass"}, {"gwp", PF_KEY_VALUE, NULL, true,
      "Warming potential, in CO2e a unit of mass"}}},
    {"sector", "Defaults of a sector's processes, by parameter path", true, {{"title", PF_KEY_TITLE, NULL, false,
     "Name for readers"}}},
    {"process_type", "A kind of process", false,
     {{"parameters", PF_KEY_OPEN, NULL, false,
      "Declarations: unit, default, above, at_least, below, at_most, follows; carrier: GROUP; map: carrier, of: ..."},
      {"ports", PF_KEY_MAP_OF, "port", false, "Where flows enter and leave"},
      {"values", PF_KEY_OPEN, NULL, false, "Named expressions"},
      {"emissions", PF_KEY_OPEN, NULL, false, "By gas: what is emitted here"},
      {"upstream", PF_KEY_OPEN, NULL, false, "By gas: what was emitted elsewhere for what is bought"},
      {"stocks", PF_KEY_MAP_OF, "stock", false, "What accumulates"},
      {"balances", PF_KEY_MAP_OF, "balance", false, "Equalities that are tested and reported"}}},
    {"port", "A port", false,
     {{"in", PF_KEY_TEXT, NULL, false, "Carrier that enters: a name, $parameter or $key"},
      {"out", PF_KEY_TEXT, NULL, false, "Carrier that leaves"},
      {"is", PF_KEY_EXPRESSION, NULL, false, "The flow, fixed"},
      {"up_to", PF_KEY_EXPRESSION, NULL, false, "The limit of an offer"},
      {"draws", PF_KEY_TEXT, "surplus|all", false, "A converter may take fixed surplus only"},
      {"each", PF_KEY_TEXT, NULL, false, "A map parameter: one port for each key"},
      {"components", PF_KEY_OPEN, NULL, false, "Of an `out` port: an expression for each, a map, `pass`, or a stock"}}},
    {"stock", "A stock", false,
     {{"unit", PF_KEY_TEXT, NULL, true, "Unit of its level"},
      {"initial", PF_KEY_EXPRESSION, NULL, true, "Level at the start"},
      {"in", PF_KEY_EXPRESSION, NULL, true, "Rate of inflow"},
      {"out", PF_KEY_EXPRESSION, NULL, true, "Rate of outflow"}}},
    {"balance", "A balance", false,
     {{"in", PF_KEY_EXPRESSION, NULL, true, "What enters"}, {"out", PF_KEY_EXPRESSION, NULL, true, "What leaves"}}},
    {"park", "An industrial park", false,
     {{"province", PF_KEY_TEXT, NULL, false, "Where it is"},
      {"facts", PF_KEY_VALUE_MAP, NULL, false, "Amounts that criteria name as park.NAME: land, firms, workers"},
      {"sites", PF_KEY_MAP_OF, "site", false, "Fences: firms with their boilers and roofs"},
      {"processes", PF_KEY_MAP_OF, "process", false,
       "The park's own processes, its boundary, and firms without a fence"},
      {"markets", PF_KEY_MAP_OF, "market", false, "Where carriers are exchanged"}}},
    {"site", "A fence inside a park", false,
     {{"sector", PF_KEY_TEXT, NULL, false, "Sector of its processes"},
      {"processes", PF_KEY_MAP_OF, "process", false, "Processes inside the fence"},
      {"markets", PF_KEY_MAP_OF, "market", false, "Markets inside the fence"}}},
    {"process", "A process: a type and its parameters", true,
     {{"type", PF_KEY_TEXT, NULL, true, "Its process type"},
      {"sector", PF_KEY_TEXT, NULL, false, "Its sector: defaults and filters"},
      {"joins", PF_KEY_TEXT_MAP, NULL, false, "By port: the market it joins"}}},
    {"market", "A market", false,
     {{"carrier", PF_KEY_TEXT, NULL, false, "What is exchanged; the market's name if not said"},
      {"supply", PF_KEY_OPEN, NULL, false, "Who is called to supply, by rank"},
      {"take", PF_KEY_OPEN, NULL, false, "Who takes what is left, by rank"},
      {"price", PF_KEY_VALUE, NULL, false, "What a unit of the carrier costs who takes it"},
      {"pays", PF_KEY_TEXT, NULL, false, "Who pays the price: firm, operator, owner, state"},
      {"receives", PF_KEY_TEXT, NULL, false, "Who receives it"},
      {"may_fall_short", PF_KEY_FLAG, NULL, false, "Unserved demand is reported, and no fault"},
      {"may_spill", PF_KEY_FLAG, NULL, false, "Unplaced supply is reported, and no fault"}}},
    {"flow_system", "A flow system, for `parkflow reconcile`", false,
     {{"parkflow", PF_KEY_TEXT, "1", true, "Version of the language"},
      {"use", PF_KEY_TEXTS, NULL, false, "Files read first; this one is laid over them"},
      {"unit", PF_KEY_TEXT, NULL, true, "Unit of all flows that do not say their own"},
      {"prefix", PF_KEY_TEXT, NULL, false, "Begins the names that a scenario is to use"},
      {"level", PF_KEY_TEXT, NULL, false, "Significance of the tests for gross errors; 0.05 if not said"},
      {"accounting", PF_KEY_SHAPE, "accounting", false, "{pedigree: spread}, and what `by:` goes by"},
      {"units", PF_KEY_TEXT_MAP, NULL, false, "Names of units, each in terms of others"},
      {"currencies", PF_KEY_TEXTS, NULL, false, "Names of currencies"},
      {"components", PF_KEY_MAP_OF, "flow_component", false, "What flows carry: COD, nitrogen, energy"},
      {"flows", PF_KEY_MAP_OF, "flow", true, "What goes from a process to another"},
      {"processes", PF_KEY_MAP_OF, "flow_process", true, "Where what enters must leave, or stay as stock"},
      {"parameters", PF_KEY_VALUE_MAP, NULL, false, "Other quantities, for equations"},
      {"equations", PF_KEY_TEXT_MAP, NULL, false, "What else holds: `steam = 0.8 * fuel`"}}},
    {"flow", "A flow between two processes", false,
     {{"from", PF_KEY_TEXT, NULL, true, "A process, or outside"},
      {"to", PF_KEY_TEXT, NULL, true, "A process, or outside"},
      {"amount", PF_KEY_VALUE, NULL, false, "As measured; a number alone is exact; unknown if not said"},
      {"unit", PF_KEY_TEXT, NULL, false, "Unit of its amount"},
      {"components", PF_KEY_VALUE_MAP, NULL, false, "By component: how much of it is in one unit of the flow"}}},
    {"flow_component", "A component of flows", false,
     {{"unit", PF_KEY_TEXT, NULL, true, "Unit of how much of it is in one unit of a flow: kg/m3"}}},
    {"flow_process", "A process of a flow system", false,
     {{"stock_change", PF_KEY_VALUE, NULL, false, "What more there is at the end than at the start"},
      {"balance", PF_KEY_TEXTS, NULL, false, "What is balanced: amount, components; all if not said"},
      {"transfer", PF_KEY_OPEN, NULL, false, "{cod: {sludge: 0.4 +- 0.1}}: shares of what enters, by flow that leaves"}}},
    {"intervention", "A dated change", false,
     {{"status", PF_KEY_TEXT, "carried_out|chosen|planned|proposed|what_if", true, "How real it is"},
      {"sector", PF_KEY_TEXT, NULL, false, "For the reader"},
      {"park", PF_KEY_TEXT, NULL, false, "Whose cost it is; found from the effects if not said"},
      {"adoption", PF_KEY_SHAPE, "adoption", true, "How it spreads"},
      {"effects", PF_KEY_LIST_OF, "effect", false, "What it changes"},
      {"cost", PF_KEY_SHAPE, "cost", false, "What it costs"}}},
    {"adoption", "A curve of adoption", false,
     {{"curve", PF_KEY_TEXT, "step|linear|logistic|bass", true, "Its form"},
      {"start", PF_KEY_DATE, NULL, true, "Nothing is adopted before"},
      {"midpoint", PF_KEY_DATE, NULL, false, "logistic: half of the ceiling"},
      {"end", PF_KEY_DATE, NULL, false, "linear: the ceiling is reached"},
      {"ceiling", PF_KEY_VALUE, NULL, false, "Adoption in the end; 100 % if not said"},
      {"life", PF_KEY_VALUE, NULL, false, "How long what was adopted lasts; without end if not said"},
      {"renewed", PF_KEY_FLAG, NULL, false, "true: at the end of its life it is bought again, at its capital"},
      {"p", PF_KEY_VALUE, NULL, false, "bass: coefficient of innovation, per time"},
      {"q", PF_KEY_VALUE, NULL, false, "bass: coefficient of imitation, per time"}}},
    {"effect", "An effect: one of set, scale, cut, add", false,
     {{"set", PF_KEY_TEXT, NULL, false, "Path of a parameter to replace"},
      {"scale", PF_KEY_TEXT, NULL, false, "Path of a parameter to multiply"},
      {"cut", PF_KEY_TEXT, NULL, false, "Path of a need to reduce"},
      {"add", PF_KEY_TEXT, NULL, false, "Path of a parameter to add to"},
      {"to", PF_KEY_VALUE, NULL, false, "set: the new value"},
      {"by", PF_KEY_VALUE, NULL, false, "scale: the factor; cut: the fraction; add: the amount"},
      {"end_use", PF_KEY_TEXT, NULL, false, "cut: which part of the need; cuts on one part multiply"},
      {"of", PF_KEY_VALUE, NULL, false, "cut: that part's share of the need; 100 % if not said"},
      {"floor", PF_KEY_VALUE, NULL, false, "cut: the need falls no lower"}}},
    {"cost", "A cost", false,
     {{"capital", PF_KEY_VALUE, NULL, false, "For full adoption, spent as adoption rises"},
      {"running", PF_KEY_VALUE, NULL, false, "Per time at full adoption"},
      {"pays", PF_KEY_TEXT, "firm|operator|owner|state", false, "Who pays both"},
      {"price_year", PF_KEY_TEXT, NULL, false, "Year of the prices; the accounting year if not said"}}},
    {"scenario", "A scenario", false,
     {{"against", PF_KEY_TEXT, NULL, false, "The reference for differences"},
      {"with", PF_KEY_OPEN, NULL, false, "Interventions and scenarios, or {status: ...}"},
      {"in_place", PF_KEY_TEXTS, NULL, false, "Interventions in it and in all that are against it"},
      {"trend", PF_KEY_OPEN, NULL, false, "By path: yearly growth, inherited by all against it"}}},
    {"indicator", "An indicator", false,
     {{"is", PF_KEY_EXPRESSION, NULL, false, "What it is"},
      {"unit", PF_KEY_TEXT, NULL, true, "Its unit"},
      {"over_time", PF_KEY_OPEN, NULL, true, "sum, mean, last, or {ratio: [A, B]}"},
      {"headline", PF_KEY_FLAG, NULL, false, "It stands in the table that `run` ends with"},
      {"iamc", PF_KEY_TEXT, NULL, false, "Its variable in IAMC format"}}},
    {"check", "An observation or a bound that a result is held against", false,
     {{"indicator", PF_KEY_EXPRESSION, NULL, true, "An indicator, or + - * / of several"},
      {"park", PF_KEY_OPEN, NULL, false, "A park, or a list of parks taken together; all if not said"},
      {"scenario", PF_KEY_TEXT, NULL, false, "In this scenario; in each if nothing is said"},
      {"change", PF_KEY_SHAPE, "comparison", false, "Of a scenario less that of another"},
      {"saving", PF_KEY_SHAPE, "comparison", false, "The same with the other sign: what is saved is above 0"},
      {"period", PF_KEY_TEXT, NULL, false, "2021, 2021-08 or 2020..2023; a series of observations has its dates"},
      {"basis", PF_KEY_TEXT, "in_year|cumulative|annualised", false,
       "in_year: of one year; cumulative: from the start of the report; annualised: the period's rate over a year"},
      {"freeze", PF_KEY_SHAPE, "freeze", false, "The saving is a rate: of a year in which these values are held"},
      {"observed", PF_KEY_VALUE, NULL, false,
       "What was observed, with its uncertainty; or {csv: FILE, column: NAME, sd: COLUMN or VALUE}, a row a date"},
      {"at_least", PF_KEY_VALUE, NULL, false, "The result is no less"},
      {"at_most", PF_KEY_VALUE, NULL, false, "The result is no more"},
      {"status", PF_KEY_TEXT, "proposed|planned|carried_out", false, "Of a saving: how real it is"},
      {"boundary", PF_KEY_TEXT, "firm|site|park|programme", false, "What the figure takes in"},
      {"accounting", PF_KEY_TEXT_MAP, NULL, false, "Choices with which a run is like it: {grid: margin}"},
      {"grid_vintage", PF_KEY_TEXT, NULL, false, "Which year's grid factor the figure was made with"},
      {"as_of", PF_KEY_DATE, NULL, false, "When it was reported"},
      {"derived_from", PF_KEY_TEXTS, NULL, false, "Checks or rows of the evidence that it was computed from"},
      {"use", PF_KEY_TEXT, "prior|fit|test|context", false, "What it serves for; test if not said"}}},
    {"criterion", "What a framework or a law asks of a park in a year", false,
     {{"of", PF_KEY_EXPRESSION, NULL, false,
       "Indicators, facts of the park (park.workers), and + - * / between them"},
      {"at_least", PF_KEY_VALUE, NULL, false, "Met if the value is no less; with no threshold the value stands alone"},
      {"at_most", PF_KEY_VALUE, NULL, false, "Met if the value is no more"},
      {"unit", PF_KEY_TEXT, NULL, false, "In which the value is given; that of the threshold if not said"},
      {"value_is", PF_KEY_TEXT, "exact|lower_bound|upper_bound", false,
       "lower_bound: there may be more than `of` says, so that too little proves nothing; exact if not said"},
      {"not_computable", PF_KEY_TEXT, NULL, false, "In place of `of`: why flows and facts cannot answer it"},
      {"not_in", PF_KEY_TEXT_MAP, NULL, false, "By park: why not in this one, as where its plant is shared"},
      {"framework", PF_KEY_TEXT, NULL, true, "Who asks: the international framework, a decree, a form"},
      {"clause", PF_KEY_TEXT, NULL, false, "Where it stands in it"},
      {"kind", PF_KEY_TEXT, "prerequisite|performance|report", false, "What it is there; performance if not said"},
      {"from", PF_KEY_DATE, NULL, false, "In force from this date on; a year is judged by what is in force at its end"},
      {"until", PF_KEY_DATE, NULL, false, "In force to the end of this date"},
      {"sdg", PF_KEY_TEXTS, NULL, false, "Targets of the Sustainable Development Goals that it serves: 6.3"}}},
    {"actor", "Whose money comes and goes: indicators of money that sum over time, added up", false,
     {{"pays", PF_KEY_TEXTS, NULL, false, "What it pays to other actors: a transfer"},
      {"receives", PF_KEY_TEXTS, NULL, false, "What it receives of what other actors pay"},
      {"bears", PF_KEY_TEXTS, NULL, false, "What it spends on goods and work that no other actor is paid for"},
      {"capital", PF_KEY_TEXTS, NULL, false, "What it spends on interventions"}}},
    {"observed_series", "Observations by date, from a table", false,
     {{"csv", PF_KEY_TEXT, NULL, true, "The table; its first column is `date`"},
      {"column", PF_KEY_TEXT, NULL, true, "What was observed"},
      {"unit", PF_KEY_TEXT, NULL, false, "Unit of the column, where its header does not say it"},
      {"sd", PF_KEY_TEXT, NULL, false, "Standard deviation: 5 %, a number with its unit, or the name of a column"}}},
    {"fit", "Parameters to be estimated", false,
     {{"parameters", PF_KEY_TEXTS, NULL, false, "Paths; their distributions are what was known before"},
      {"flat", PF_KEY_TEXTS, NULL, false, "Paths; of their distributions only the bounds and the start are used"},
      {"start", PF_KEY_OPEN, NULL, false, "{PATH: VALUE}: where the search for a flat one begins; its median if not said"},
      {"spread", PF_KEY_TEXT, "stated|estimated", false,
       "estimated: observations without an uncertainty share one, found from how they scatter"}}},
    {"comparison", "Two scenarios", false,
     {{"of", PF_KEY_TEXT, NULL, true, "The one that is looked at"},
      {"against", PF_KEY_TEXT, NULL, false, "The other; its reference if not said"}}},
};
/* clang-format on */

size_t pf_shape_count(void)
{
    return sizeof shapes / sizeof *shapes;
}

const pf_shape *pf_shape_at(size_t number)
{
    return &shapes[number];
}

const pf_shape *pf_shape_named(const char *name)
{
    for (size_t i = 0; i < pf_shape_count(); i++)
        if (!strcmp(shapes[i].name, name)) return &shapes[i];
    return NULL;
}

bool pf_is_remark(const char *key)
{
    for (size_t i = 0; i < sizeof remarks / sizeof *remarks; i++)
        if (*remarks[i] == *key && !strcmp(remarks[i], key)) return true;
    return false;
}

typedef struct {
    pf_arena *arena;
    pf_diagnostics *diagnostics;
} checker;

static const pf_key *key_named(const pf_shape *shape, const char *name)
{
    for (const pf_key *key = shape->keys; key < shape->keys + PF_KEYS_MOST && key->key; key++)
        if (!strcmp(key->key, name)) return key;
    return NULL;
}

static void check_shape(const checker *c, const pf_tree *tree, const pf_shape *shape);

static bool is_kind(const checker *c, const pf_tree *tree, const char *key, pf_tree_kind kind)
{
    static const char *const names[] = {"a text", "a list", "a map"};
    if (tree->kind == kind) return true;
    pf_error(c->diagnostics, tree->mark, "found %s under '%s', expected %s", pf_tree_kind_name(tree), key, names[kind]);
    return false;
}

static bool check_choice(const checker *c, const pf_tree *tree, const pf_key *key)
{
    if (!is_kind(c, tree, key->key, PF_TEXT)) return false;
    if (!key->of) return true;
    pf_nearest near = pf_nearest_to(tree->text);
    for (const char *at = key->of; *at;) {
        size_t length = strcspn(at, "|");
        const char *option = pf_copy_text(c->arena, at, length);
        if (!strcmp(option, tree->text)) return true;
        pf_nearest_offer(&near, option);
        at += length + (at[length] == '|');
    }
    pf_error(c->diagnostics, tree->mark, "found '%s' under '%s', expected %s%s", tree->text, key->key, key->of,
             pf_nearest_hint(&near, c->arena));
    return false;
}

static void wrong_title(const checker *c, pf_mark mark, const char *found)
{
    pf_error(c->diagnostics, mark, "found %s in a title, expected a text or {en: ..., vi: ...}", found);
}

static void check_title(const checker *c, const pf_tree *tree)
{
    if (tree->kind == PF_TEXT) return;
    for (size_t i = 0; i < tree->entries.count; i++) {
        const pf_entry *entry = &tree->entries.items[i];
        if (!entry->key) wrong_title(c, tree->mark, "a list");
        else if (strcmp(entry->key, "en") != 0 && strcmp(entry->key, "vi") != 0)
            wrong_title(c, entry->mark, pf_format(c->arena, "'%s'", entry->key));
        else if (entry->value->kind != PF_TEXT) wrong_title(c, entry->value->mark, pf_tree_kind_name(entry->value));
    }
}

/* Names must be reachable by paths, and a remark must be told from them. */
static void check_new_name(const checker *c, const pf_entry *entry, const pf_key *key)
{
    const char *at = entry->key;
    while ((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9') || *at == '_' ||
           (unsigned char)*at >= 0x80)
        at++;
    if (*at || !*entry->key)
        pf_error(c->diagnostics, entry->mark, "'%s' is no name under '%s'; expected letters, digits and _", entry->key,
                 key->key);
    else if (pf_is_remark(entry->key) && key->kind == PF_KEY_MAP_OF)
        pf_error(c->diagnostics, entry->mark, "'%s' under '%s' is the name of a remark; expected another name",
                 entry->key, key->key);
}

static void check_key(const checker *c, const pf_entry *entry, const pf_key *key)
{
    const pf_tree *tree = entry->value;
    pf_tree_kind inner = PF_TEXT;
    switch (key->kind) {
    case PF_KEY_TEXT: check_choice(c, tree, key); return;
    case PF_KEY_TITLE: check_title(c, tree); return;
    case PF_KEY_EXPRESSION: is_kind(c, tree, key->key, PF_TEXT); return;
    case PF_KEY_FLAG:
        if (tree->kind != PF_TEXT || (strcmp(tree->text, "true") != 0 && strcmp(tree->text, "false") != 0))
            pf_error(c->diagnostics, tree->mark, "found '%s' under '%s', expected true or false",
                     tree->kind == PF_TEXT ? tree->text : pf_tree_kind_name(tree), key->key);
        return;
    case PF_KEY_SHAPE:
        if (is_kind(c, tree, key->key, PF_MAPPING)) check_shape(c, tree, pf_shape_named(key->of));
        return;
    case PF_KEY_VALUE:
    case PF_KEY_DATE:
    case PF_KEY_OPEN: return;
    case PF_KEY_TEXTS:
        if (is_kind(c, tree, key->key, PF_SEQUENCE)) break;
        return;
    case PF_KEY_LIST_OF:
        inner = PF_MAPPING;
        if (is_kind(c, tree, key->key, PF_SEQUENCE)) break;
        return;
    case PF_KEY_MAP_OF: inner = PF_MAPPING; /* fall through */
    case PF_KEY_TEXT_MAP:
    case PF_KEY_VALUE_MAP:
        if (is_kind(c, tree, key->key, PF_MAPPING)) break;
        return;
    }
    for (size_t i = 0; i < tree->entries.count; i++) {
        const pf_entry *item = &tree->entries.items[i];
        if (key->kind == PF_KEY_MAP_OF || key->kind == PF_KEY_VALUE_MAP) check_new_name(c, item, key);
        if (key->kind == PF_KEY_VALUE_MAP || !is_kind(c, item->value, item->key ? item->key : key->key, inner))
            continue;
        if (inner == PF_MAPPING) check_shape(c, item->value, pf_shape_named(key->of));
    }
}

bool pf_schema_choice(pf_arena *arena, const pf_tree *text, const char *shape, const char *key,
                      pf_diagnostics *diagnostics)
{
    return check_choice(&(checker){arena, diagnostics}, text, key_named(pf_shape_named(shape), key));
}

static const char *with_article(const checker *c, const char *name)
{
    return pf_format(c->arena, "%s %s", strchr("aeio", *name) ? "an" : "a", name);
}

/* The only shape that has a key of this name, or NULL. */
static const pf_shape *owner_of(const char *key)
{
    const pf_shape *owner = NULL;
    size_t owners = 0;
    for (size_t i = 0; i < pf_shape_count(); i++)
        if (key_named(&shapes[i], key)) owner = &shapes[i], owners++;
    return owners == 1 ? owner : NULL;
}

static void unknown_key(const checker *c, const pf_entry *entry, const pf_shape *shape)
{
    pf_nearest near = pf_nearest_to(entry->key);
    const pf_shape *owner = owner_of(entry->key);
    for (const pf_key *key = shape->keys; key < shape->keys + PF_KEYS_MOST && key->key; key++)
        pf_nearest_offer(&near, key->key);
    for (size_t i = 0; i < sizeof remarks / sizeof *remarks; i++) pf_nearest_offer(&near, remarks[i]);
    const char *hint = owner ? pf_format(c->arena, "; it is one of %s", with_article(c, owner->name))
                             : pf_nearest_hint(&near, c->arena);
    pf_error(c->diagnostics, entry->mark, "'%s' is no key of %s%s", entry->key, with_article(c, shape->name), hint);
}

static void check_shape(const checker *c, const pf_tree *tree, const pf_shape *shape)
{
    for (size_t i = 0; i < tree->entries.count; i++) {
        const pf_entry *entry = &tree->entries.items[i];
        const pf_key *key = key_named(shape, entry->key);
        if (key) check_key(c, entry, key);
        else if (!strcmp(entry->key, "title")) check_title(c, entry->value);
        else if (!pf_is_remark(entry->key) && !shape->open) unknown_key(c, entry, shape);
    }
    for (const pf_key *key = shape->keys; key < shape->keys + PF_KEYS_MOST && key->key; key++)
        if (key->required && !pf_tree_get(tree, key->key))
            pf_error(c->diagnostics, tree->mark, "the %s has no '%s' (%s)", shape->name, key->key, key->doc);
}

void pf_schema_check(pf_arena *arena, const pf_tree *tree, const char *name, pf_diagnostics *diagnostics)
{
    checker c = {arena, diagnostics};
    check_shape(&c, tree, pf_shape_named(name));
}
