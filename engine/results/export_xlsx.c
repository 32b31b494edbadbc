/* The workbook: a cover that says what it is and how to read it, a sheet an indicator, the parameters with what they
 * rest on, the evidence. */
#include "results/export_xlsx.h"

#include "scenario/evidence.h"

#include <math.h>
#include <string.h>

static const char *said(const pf_xlsx *x, const char *english, const char *vietnamese)
{
    return pf_tidy_title(x->tidy, english, vietnamese);
}

/* ---- cover ---- */

typedef struct {
    const char *english, *vietnamese;
} both;

static const both reading[] = {
    {"Each sheet is one indicator: charts above, values below, a row for each scenario, park and statistic.",
     "Mỗi trang là một chỉ số: biểu đồ ở trên, giá trị ở dưới, mỗi hàng là một kịch bản, khu và thống kê."},
    {"Amounts are of the whole period in the column's heading. The last column by year is the whole time: do not add "
     "it to the years.",
     "Lượng là của cả kỳ ghi ở đầu cột. Cột cuối theo năm là toàn bộ thời gian: không cộng với các năm."},
    {"The park 'all' is all parks together: do not add it to the others. 'shared' belongs to no park.",
     "Khu 'all' là tất cả các khu: không cộng với các khu khác. 'shared' không thuộc khu nào."},
    {"A scenario marked as a potential holds measures that nobody has carried out or chosen.",
     "Kịch bản ghi là tiềm năng có những biện pháp chưa ai thực hiện hoặc lựa chọn."},
    {"'full - baseline' is the change that 'full' makes, formed member by member: its quantiles are those of the "
     "change, not differences of quantiles.",
     "'full - baseline' là thay đổi do 'full' tạo ra, tính theo từng mẫu: phân vị là của thay đổi, không phải hiệu của "
     "các phân vị."},
    {"p5 is the 5 % quantile over members: between p5 and p95 lie nine members in ten. Assumed ranges make this an "
     "assessment, not a measurement.",
     "p5 là phân vị 5 %: giữa p5 và p95 có chín phần mười số mẫu. Khoảng giả định làm cho đây là đánh giá, không phải "
     "đo đạc."},
    {"Values are as they were computed; what they rest on is on the last sheets. Two digits are enough for a text.",
     "Giá trị ghi đúng như tính toán; cơ sở của chúng ở các trang cuối. Trong văn bản chỉ nên dùng hai chữ số có "
     "nghĩa."},
};

static lxw_row_t put_fact(pf_xlsx *x, lxw_worksheet *sheet, lxw_row_t row, const char *name, const char *text)
{
    if (!*text) return row;
    pf_workbook_text(&x->book, sheet, row, 0, name, x->book.faint);
    pf_workbook_text(&x->book, sheet, row, 1, text, NULL);
    return row + 1;
}

static lxw_row_t put_facts(pf_xlsx *x, lxw_worksheet *sheet, lxw_row_t row)
{
    const pf_tidy *t = x->tidy;
    const pf_period *first = t->periods, *last = &t->periods[t->period_count - 1];
    row = put_fact(x, sheet, row, said(x, "Period", "Thời gian"),
                   pf_format(t->arena, "%s .. %s", pf_tidy_date(t->arena, first->first_day),
                             pf_tidy_date(t->arena, last->end_day - 1)));
    row = put_fact(x, sheet, row, said(x, "Command", "Lệnh"), pf_tidy_attribute(t, "command"));
    row = put_fact(x, sheet, row, said(x, "Written by", "Phần mềm"), pf_tidy_attribute(t, "source"));
    row = put_fact(x, sheet, row, said(x, "SHA-256 of the input", "SHA-256 của đầu vào"),
                   pf_tidy_attribute(t, "input_sha256"));
    row = put_fact(x, sheet, row, said(x, "Accounting", "Cách tính"), pf_tidy_attribute(t, "accounting"));
    if (!t->is_sweep) return row;
    row = put_fact(x, sheet, row, said(x, "Members", "Số mẫu"),
                   pf_format(t->arena, "%llu", (unsigned long long)(t->sample->members - t->sample->failed)));
    row = put_fact(x, sheet, row, said(x, "Design", "Cách lấy mẫu"), pf_tidy_attribute(t, "design"));
    return put_fact(x, sheet, row, said(x, "Seed", "Số hạt giống"), pf_tidy_attribute(t, "seed"));
}

static lxw_row_t put_scenarios(pf_xlsx *x, lxw_worksheet *sheet, lxw_row_t row)
{
    const pf_tidy *t = x->tidy;
    const char *const headings[] = {said(x, "Scenario", "Kịch bản"), said(x, "Title", "Tên"),
                                    said(x, "Against", "So với"), said(x, "Kind", "Loại")};
    pf_workbook_headings(&x->book, sheet, row++, headings, sizeof headings / sizeof *headings);
    for (size_t c = 0; c < t->case_count; c++) {
        if (t->cases[c].is_change) continue;
        const pf_scenario_row *s = pf_tidy_scenario(t, t->cases[c].label);
        pf_workbook_text(&x->book, sheet, row, 0, s->name, NULL);
        pf_workbook_text(&x->book, sheet, row, 1, pf_tidy_title(t, s->title, s->title_vi), NULL);
        if (s->against >= 0) pf_workbook_text(&x->book, sheet, row, 2, t->model->scenarios[s->against].name, NULL);
        if (s->potential) pf_workbook_text(&x->book, sheet, row, 3, said(x, "a potential", "tiềm năng"), NULL);
        row++;
    }
    return row + 1;
}

static lxw_row_t put_parks(pf_xlsx *x, lxw_worksheet *sheet, lxw_row_t row)
{
    const pf_tidy *t = x->tidy;
    const char *const headings[] = {said(x, "Park", "Khu"), said(x, "Title", "Tên")};
    pf_workbook_headings(&x->book, sheet, row++, headings, sizeof headings / sizeof *headings);
    for (size_t p = 0; p < t->park_count; p++, row++) {
        pf_workbook_text(&x->book, sheet, row, 0, t->parks[p].name, NULL);
        pf_workbook_text(&x->book, sheet, row, 1, t->parks[p].title, NULL);
    }
    return row + 1;
}

/* Links to sheets: their names, and what they hold. */
static void put_link(pf_xlsx *x, lxw_worksheet *sheet, lxw_row_t row, const lxw_worksheet *to, const char *title,
                     const char *unit)
{
    worksheet_write_url(sheet, row, 0, pf_format(x->tidy->arena, "internal:'%s'!A1", to->name), NULL);
    pf_workbook_text(&x->book, sheet, row, 0, to->name, x->book.link);
    pf_workbook_text(&x->book, sheet, row, 1, title, NULL);
    pf_workbook_text(&x->book, sheet, row, 2, unit, NULL);
}

static lxw_row_t put_cover(pf_xlsx *x, lxw_worksheet *sheet)
{
    const pf_tidy *t = x->tidy;
    const pf_tree *tree = t->model->scenario->tree;
    lxw_row_t row = 0;
    worksheet_set_column(sheet, 0, 0, 26, NULL);
    worksheet_set_column(sheet, 1, 1, 70, NULL);
    worksheet_set_column(sheet, 2, 3, 16, NULL);
    pf_workbook_text(&x->book, sheet, row++, 0,
                     pf_tidy_title(t, pf_title(tree, pf_tidy_attribute(t, "title")), pf_title_vi(tree)), x->book.bold);
    row = put_facts(x, sheet, row + 1);
    pf_workbook_text(&x->book, sheet, ++row, 0, said(x, "How to read it", "Cách đọc"), x->book.bold);
    for (size_t i = 0; i < sizeof reading / sizeof *reading; i++)
        pf_workbook_text(&x->book, sheet, ++row, 0, said(x, reading[i].english, reading[i].vietnamese), NULL);
    row = put_scenarios(x, sheet, row + 2);
    return put_parks(x, sheet, row);
}

/* ---- what the numbers rest on ---- */

static lxw_worksheet *put_drawn(pf_xlsx *x)
{
    const pf_compiled *m = x->tidy->model;
    size_t count, drawn = 0;
    const double *values = pf_tidy_parameters(x->tidy, &count);
    const char *const headings[] = {said(x, "Uncertain parameter", "Tham số không chắc chắn"),
                                    said(x, "Value in the run", "Giá trị"), said(x, "Unit", "Đơn vị"),
                                    said(x, "Source", "Nguồn"), said(x, "Assumption", "Giả định")};
    lxw_worksheet *sheet = pf_workbook_sheet(&x->book, said(x, "Uncertain parameters", "Tham số không chắc chắn"));
    pf_workbook_headings(&x->book, sheet, 0, headings, sizeof headings / sizeof *headings);
    worksheet_set_column(sheet, 0, 0, 60, NULL);
    worksheet_set_column(sheet, 1, 2, 16, NULL);
    worksheet_set_column(sheet, 3, 4, 60, NULL);
    worksheet_freeze_panes(sheet, 1, 0);
    for (size_t i = 0; i < m->input_count; i++) {
        const pf_input *input = &m->inputs[i];
        if (!input->value) continue;
        lxw_row_t row = (lxw_row_t)++drawn;
        pf_workbook_text(&x->book, sheet, row, 0, input->name, NULL);
        if (values && drawn <= count) pf_workbook_number(sheet, row, 1, values[drawn - 1], NULL);
        pf_workbook_text(&x->book, sheet, row, 2, input->unit, NULL);
        pf_workbook_text(&x->book, sheet, row, 3, input->source, NULL);
        pf_workbook_text(&x->book, sheet, row, 4, input->assumption, NULL);
    }
    return sheet;
}

static lxw_worksheet *put_parameters(pf_xlsx *x)
{
    const pf_compiled *m = x->tidy->model;
    const char *const headings[] = {said(x, "Parameter", "Tham số"), said(x, "As written", "Như đã ghi"),
                                    said(x, "Base unit", "Đơn vị cơ sở"), said(x, "Source", "Nguồn"),
                                    said(x, "Assumption", "Giả định")};
    lxw_worksheet *sheet = pf_workbook_sheet(&x->book, said(x, "Parameters", "Tham số"));
    pf_workbook_headings(&x->book, sheet, 0, headings, sizeof headings / sizeof *headings);
    worksheet_set_column(sheet, 0, 0, 60, NULL);
    worksheet_set_column(sheet, 1, 1, 40, NULL);
    worksheet_set_column(sheet, 2, 2, 16, NULL);
    worksheet_set_column(sheet, 3, 4, 60, NULL);
    worksheet_freeze_panes(sheet, 1, 0);
    for (size_t i = 0; i < m->parameter_count; i++) {
        const pf_explained *p = &m->parameters[i];
        const char *const texts[] = {p->path, pf_tree_written(x->tidy->arena, p->value),
                                     pf_dimension_text(m->scenario->units, p->dimension, x->tidy->arena),
                                     pf_tree_get_text(p->remarks, "source"),
                                     pf_tree_get_text(p->remarks, "assumption")};
        for (size_t c = 0; c < sizeof texts / sizeof *texts; c++)
            pf_workbook_text(&x->book, sheet, (lxw_row_t)i + 1, (lxw_col_t)c, texts[c], NULL);
    }
    return sheet;
}

/* Rows of evidence that the input refers to, as they stand in their tables. */
static lxw_worksheet *put_evidence(pf_xlsx *x)
{
    size_t count;
    const pf_evidence_row *rows = pf_evidence_rows(x->tidy->model->scenario, x->tidy->arena, &count);
    if (!count) return NULL;
    lxw_worksheet *sheet = pf_workbook_sheet(&x->book, said(x, "Sources", "Nguồn"));
    for (size_t c = 0; c < PF_EVIDENCE_COLUMNS; c++) {
        pf_workbook_text(&x->book, sheet, 0, (lxw_col_t)c, pf_evidence_column(c), x->book.heading);
        for (size_t row = 0; row < count; row++)
            pf_workbook_text(&x->book, sheet, (lxw_row_t)row + 1, (lxw_col_t)c, rows[row].cells[c], NULL);
    }
    worksheet_set_column(sheet, 0, 2, 28, NULL);
    worksheet_set_column(sheet, 10, 14, 40, NULL);
    worksheet_freeze_panes(sheet, 1, 0);
    return sheet;
}

/* ---- all of it ---- */

static void put_indicators(pf_xlsx *x, lxw_worksheet *cover, lxw_row_t *row)
{
    const pf_tidy *t = x->tidy;
    lxw_worksheet **sheets = PF_ARRAY(t->arena, lxw_worksheet *, t->indicator_count);
    for (size_t i = 0; i < t->indicator_count; i++) {
        const pf_indicator *v = t->indicators[i];
        sheets[i] = pf_workbook_sheet(&x->book, v->name);
        put_link(x, cover, (*row)++, sheets[i], pf_tidy_title(t, v->title, v->title_vi), pf_tidy_unit(v));
    }
    if (t->is_sweep) x->fans = pf_workbook_sheet(&x->book, said(x, "Fans", "Dải phân vị"));
    for (size_t i = 0; i < t->indicator_count; i++) pf_xlsx_put_indicator(x, sheets[i], i);
}

static void put_all(pf_xlsx *x)
{
    lxw_worksheet *cover = pf_workbook_sheet(&x->book, said(x, "Read me", "Giới thiệu"));
    lxw_row_t row = put_cover(x, cover);
    const char *const headings[] = {said(x, "Sheet", "Trang"), said(x, "What is in it", "Nội dung"),
                                    said(x, "Unit", "Đơn vị")};
    pf_workbook_headings(&x->book, cover, row++, headings, sizeof headings / sizeof *headings);
    put_indicators(x, cover, &row);
    if (x->fans)
        put_link(x, cover, row++, x->fans,
                 said(x, "What the fans are drawn from: the lowest quantile, then the widths of the bands",
                      "Số liệu vẽ dải phân vị: phân vị thấp nhất, rồi độ rộng các dải"),
                 "");
    put_link(x, cover, row++, put_drawn(x),
             said(x, "Parameters with a range or a distribution", "Tham số có khoảng hoặc phân bố"), "");
    put_link(x, cover, row++, put_parameters(x),
             said(x, "All parameters of the model as they are written", "Mọi tham số của mô hình như đã ghi"), "");
    lxw_worksheet *evidence = put_evidence(x);
    if (evidence)
        put_link(x, cover, row++, evidence, said(x, "Evidence that is cited", "Bằng chứng được trích dẫn"), "");
}

pf_status pf_export_check_xlsx(const pf_tidy *t, const char *path, pf_diagnostics *diagnostics)
{
    (void)t;
    if (pf_export_has_ending(path, ".xlsx")) return PF_OK;
    return pf_error(diagnostics, (pf_mark){0},
                    "found the name '%s', expected one that ends in .xlsx: Excel opens no other", path);
}

pf_status pf_export_xlsx(const pf_tidy *t, const char *path, pf_diagnostics *diagnostics)
{
    pf_xlsx x = {.tidy = t};
    const char *hash = pf_format(t->arena, "SHA-256 of the input: %s", pf_tidy_attribute(t, "input_sha256"));
    if (pf_workbook_begin(&x.book, path, pf_tidy_attribute(t, "title"), hash, t->arena)) {
        x.large = workbook_add_format(x.book.book);
        x.small = workbook_add_format(x.book.book);
        format_set_num_format(x.large, "#,##0");
        format_set_num_format(x.small, "0.0000");
        x.of_period = workbook_add_format(x.book.book);
        format_set_bold(x.of_period);
        format_set_bottom(x.of_period, LXW_BORDER_THIN);
        format_set_align(x.of_period, LXW_ALIGN_RIGHT);
        put_all(&x);
    }
    return pf_workbook_end(&x.book, path, diagnostics);
}
