/* The CSV reader: RFC 4180 with places, and its errors. */
#include "temporary.h"

#include "scenario/csv.h"

static pf_csv read_table(temporary *t, const char *text)
{
    pf_csv table;
    const char *path = temporary_file(t, "table.csv", text);
    pf_status status = pf_csv_read(pf_files_new(t->arena), path, (pf_mark){path, 0, 0}, &table, t->diagnostics);
    assert_nothing_said(t);
    assert_int_equal(status, PF_OK);
    return table;
}

static void refused(const char *text, const char *message)
{
    temporary t = temporary_new();
    pf_csv table;
    const char *path = temporary_file(&t, "table.csv", text);
    assert_int_equal(pf_csv_read(pf_files_new(t.arena), path, (pf_mark){path, 0, 0}, &table, t.diagnostics), PF_FAILED);
    assert_said(&t, message);
    temporary_free(&t);
}

static const char *cell(const pf_csv *table, size_t row, size_t column)
{
    return table->cells[row * table->columns + column].text;
}

static void rows_and_columns_are_found(void **state)
{
    temporary t = temporary_new();
    (void)state;
    pf_csv table = read_table(&t, "id,output.amount [t/year],sector\nfirm_a,5..12,seafood\nfirm_b,-,\n");
    assert_int_equal(table.columns, 3);
    assert_int_equal(table.rows, 2);
    assert_string_equal(table.header[1].text, "output.amount [t/year]");
    assert_string_equal(cell(&table, 0, 1), "5..12");
    assert_string_equal(cell(&table, 1, 1), "-");
    assert_string_equal(cell(&table, 1, 2), "");
    temporary_free(&t);
}

static void a_quoted_cell_may_hold_commas_quotes_and_line_ends(void **state)
{
    temporary t = temporary_new();
    (void)state;
    pf_csv table = read_table(&t, "id,note\na,\"one, \"\"two\"\"\nthree\"\nb,x\n");
    assert_int_equal(table.rows, 2);
    assert_string_equal(cell(&table, 0, 1), "one, \"two\"\nthree");
    assert_int_equal(table.cells[2].mark.line, 4); /* the line end in the quote counts */
    temporary_free(&t);
}

static void blanks_around_a_cell_are_removed_and_those_in_quotes_kept(void **state)
{
    temporary t = temporary_new();
    (void)state;
    pf_csv table = read_table(&t, "id , note\n  a  ,  b c  \nd,\" e \"\n");
    assert_string_equal(table.header[0].text, "id");
    assert_string_equal(cell(&table, 0, 0), "a");
    assert_string_equal(cell(&table, 0, 1), "b c");
    assert_string_equal(cell(&table, 1, 1), " e ");
    temporary_free(&t);
}

static void line_ends_of_windows_a_byte_order_mark_and_no_last_line_end_are_read(void **state)
{
    temporary t = temporary_new();
    (void)state;
    pf_csv table = read_table(&t, "\xef\xbb\xbfid,x\r\na,1\r\n\r\nb,2");
    assert_string_equal(table.header[0].text, "id");
    assert_int_equal(table.rows, 2);
    assert_string_equal(cell(&table, 0, 1), "1");
    assert_string_equal(cell(&table, 1, 1), "2");
    temporary_free(&t);
}

static void each_cell_knows_its_place_in_characters(void **state)
{
    temporary t = temporary_new();
    (void)state;
    pf_csv table = read_table(&t, "id,name,x\na,nước thải,1\n");
    assert_int_equal(table.header[2].mark.line, 1);
    assert_int_equal(table.header[2].mark.column, 9);
    assert_int_equal(table.cells[1].mark.line, 2);
    assert_int_equal(table.cells[1].mark.column, 3);
    assert_int_equal(table.cells[2].mark.column, 13);
    temporary_free(&t);
}

static void a_table_of_a_header_alone_has_no_rows(void **state)
{
    temporary t = temporary_new();
    (void)state;
    pf_csv table = read_table(&t, "id,x\n");
    assert_int_equal(table.rows, 0);
    assert_int_equal(table.columns, 2);
    temporary_free(&t);
}

static void a_row_of_another_length_is_refused_at_its_line(void **state)
{
    (void)state;
    refused("id,x\na,1\nb\nc,1,2\n", "table.csv:3:1: error: found 1 cells in this row, expected 2");
    refused("id,x\na,1\nb\nc,1,2\n", "table.csv:4:1: error: found 3 cells in this row, expected 2");
}

static void an_open_quote_is_refused_where_it_opens(void **state)
{
    (void)state;
    refused("id,x\na,\"1\nb,2\n", "table.csv:2:3: error: a quote opens here");
}

static void text_behind_a_closing_quote_is_refused(void **state)
{
    (void)state;
    refused("id,x\na,\"1\"2\n", "table.csv:2:6: error: found '2' after a closing quote");
}

static void a_header_twice_and_one_without_name_are_refused(void **state)
{
    (void)state;
    refused("id,x,x\na,1,2\n", "table.csv:1:6: error: the column 'x' stands twice");
    refused("id,,x\na,1,2\n", "table.csv:1:4: error: a column has no name");
}

static void an_empty_file_a_missing_one_and_a_zero_byte_are_refused(void **state)
{
    temporary t = temporary_new();
    pf_csv table;
    (void)state;
    refused("", "is empty");
    refused("id,x\na,b\nh\xc3\xb2,c\xf2\n", "table.csv:3:5: error: this is no UTF-8");
    const char *path = temporary_bytes(&t, "zero.csv", "id\na\0b\n", 7);
    assert_int_equal(pf_csv_read(pf_files_new(t.arena), path, (pf_mark){0}, &table, t.diagnostics), PF_FAILED);
    assert_said(&t, "zero byte");
    assert_int_equal(pf_csv_read(pf_files_new(t.arena), pf_format(t.arena, "%s/none.csv", t.folder),
                                 (pf_mark){"model.yaml", 4, 2}, &table, t.diagnostics),
                     PF_FAILED);
    assert_said(&t, "none.csv");
    assert_said(&t, "cannot be read");
    temporary_free(&t);
}

static void split(const char *header, const char *name, const char *unit)
{
    pf_arena *arena = pf_arena_new();
    const char *found_name, *found_unit;
    pf_header_split(arena, header, &found_name, &found_unit);
    assert_string_equal(found_name, name);
    if (unit) assert_string_equal(found_unit, unit);
    else assert_null(found_unit);
    pf_arena_free(arena);
}

static void a_header_is_split_into_name_and_unit(void **state)
{
    (void)state;
    split("output.amount [t/year]", "output.amount", "t/year");
    split("price[VND/kWh]", "price", "VND/kWh");
    split("loads.cod [kg COD/t]", "loads.cod", "kg COD/t");
    split("sector", "sector", NULL);
    split("[t]", "[t]", NULL);         /* no name */
    split("a [t] b", "a [t] b", NULL); /* no unit at the end */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_and_columns_are_found),
        cmocka_unit_test(a_quoted_cell_may_hold_commas_quotes_and_line_ends),
        cmocka_unit_test(blanks_around_a_cell_are_removed_and_those_in_quotes_kept),
        cmocka_unit_test(line_ends_of_windows_a_byte_order_mark_and_no_last_line_end_are_read),
        cmocka_unit_test(each_cell_knows_its_place_in_characters),
        cmocka_unit_test(a_table_of_a_header_alone_has_no_rows),
        cmocka_unit_test(a_row_of_another_length_is_refused_at_its_line),
        cmocka_unit_test(an_open_quote_is_refused_where_it_opens),
        cmocka_unit_test(text_behind_a_closing_quote_is_refused),
        cmocka_unit_test(a_header_twice_and_one_without_name_are_refused),
        cmocka_unit_test(an_empty_file_a_missing_one_and_a_zero_byte_are_refused),
        cmocka_unit_test(a_header_is_split_into_name_and_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
