using System.Buffers;
using System.Text;
using System.Text.Json;
using Platform.Processing.Imports;
using Platform.Processing.Peers;

namespace Platform.Processing.Tests;

/// <summary>How an import cuts a file into rows, and what it makes of them.</summary>
public sealed class ImportReadingTests
{
    [Theory]
    [InlineData("a,b\nc,d\n", "a,b|c,d")]
    [InlineData("a,b\r\nc,d", "a,b|c,d")]
    [InlineData("a,\"b\nc\"\nd,e\n", "a,\"b\nc\"|d,e")]
    [InlineData("\"a\"\"\n\",\"\"\n\n1,2\n", "\"a\"\"\n\",\"\"||1,2")]
    [InlineData("a\"b,c\nd\n", "!stray_quote|d")]
    [InlineData("\"a\"b,c\nd\n", "!stray_quote|d")]
    [InlineData("a\n\"b\nc\nd", "a|!unclosed_quote")]
    [InlineData("\"a\"\r\nb\n", "\"a\"|b")]
    [InlineData("", "")]
    public async Task Csv_is_cut_as_its_rfc_says(string text, string records) => Assert.Equal(records, string.Join('|', await CutAsync(text, ',')));

    [Theory]
    [InlineData(';', "a;\"b;\nc\";d,e\nf;g\n", "a;\"b;\nc\";d,e|f;g")]
    [InlineData('\t', "a\t\"b\t\nc\"\nd;\te\n", "a\t\"b\t\nc\"|d;\te")]
    [InlineData('|', "\"a\"|b\n\"c\",d\n", "\"a\"|b|!stray_quote")]
    public async Task It_is_cut_at_the_delimiter_that_was_named(char delimiter, string text, string records)
    {
        Assert.Equal(records, string.Join('|', await CutAsync(text, delimiter)));
        var rows = new CsvRows(Record($"no{delimiter}a,b"), "order", null, delimiter);
        Assert.Equal("""{"op":"create","type":"order","data":{"no":"1,;","a,b":"x"}}""", Write(rows, delimiter == ';' ? "\"1,;\";x" : $"1,;{delimiter}x"));
        Assert.Equal("wrong_number_of_fields", Fault(rows, "1,2"));
    }

    [Theory]
    [InlineData("{}\n{\"a\":\"\\n\"}\r\n\n{}", "{}|{\"a\":\"\\n\"}||{}")]
    [InlineData("\"\n\"\n", "\"|\"")]
    public async Task Lines_are_cut_at_their_ends(string text, string records) => Assert.Equal(records, string.Join('|', await CutAsync(text, null)));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_row_without_an_end_is_a_fault_in_memory_that_does_not_grow_and_what_follows_is_read(bool quoted)
    {
        var huge = quoted ? "\"" + new string('x', 40_000_000) + "\n\"" : new string('x', 40_000_000);
        var source = new TextSource(huge + "\nnext,1\n");
        var scanner = new RecordScanner(source, (byte)',');
        var before = GC.GetAllocatedBytesForCurrentThread();
        var first = await scanner.NextAsync(CancellationToken.None);
        var second = await scanner.NextAsync(CancellationToken.None);
        Assert.Equal(("row_too_large", "next,1"), (first!.Value.Fault!.Code, Encoding.UTF8.GetString(second!.Value.Content.Span)));
        Assert.Equal(quoted ? 3 : 2, second.Value.Line);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 2_000_000, "it is not kept");
    }

    [Fact]
    public async Task From_the_beginning_of_any_record_on_the_same_records_follow_with_the_same_lines()
    {
        var text = string.Concat(Enumerable.Range(0, 300).Select(i => $"{i},\"quoted\n{new string('y', i * 13 % 900)}\",\"\"\"\"\r\n"));
        var all = new List<(long Offset, long Line, string Content)>();
        var scanner = new RecordScanner(new TextSource(text, block: 1000), (byte)',');
        while (await scanner.NextAsync(CancellationToken.None) is { } record)
        {
            all.Add((record.Offset, record.Line, Encoding.UTF8.GetString(record.Content.Span)));
        }

        Assert.Equal(300, all.Count);
        foreach (var from in (int[])[1, 57, 150, 299])
        {
            scanner.Seek(all[from].Offset, all[from].Line);
            for (var i = from; i < all.Count; i++)
            {
                var record = (await scanner.NextAsync(CancellationToken.None))!.Value;
                Assert.Equal(all[i], (record.Offset, record.Line, Encoding.UTF8.GetString(record.Content.Span)));
            }

            Assert.Null(await scanner.NextAsync(CancellationToken.None));
        }
    }

    [Fact]
    public void Columns_become_data_under_their_names()
    {
        var rows = new CsvRows(Record("order no,total,note"), "order", null, ',');
        Assert.Equal("""{"op":"create","type":"order","data":{"order no":"7","total":"1,5","note":"say \"hi\"\nthere"}}""", Write(rows, "7,\"1,5\",\"say \"\"hi\"\"\nthere\""));
        Assert.Equal("""{"op":"create","type":"order","data":{"order no":"","total":"","note":"ä"}}""", Write(rows, ",,ä"));
    }

    [Fact]
    public void A_mapping_says_where_columns_go_and_what_they_are()
    {
        var rows = new CsvRows(Record("no,total,ok,tags,land,rest"), "order", new Dictionary<string, string>
        {
            ["no"] = "data.order.no", ["total"] = "data.order.total:number", ["ok"] = "data.ok:boolean", ["tags"] = "data.tags:json", ["land"] = "labels.country",
        }, ',');
        Assert.Equal(
            """{"op":"create","type":"order","data":{"order":{"no":"1","total":-12.50},"ok":true,"tags":["a",{"b":1}]},"labels":{"country":"de"}}""",
            Write(rows, "1,-12.50,true,\"[\"\"a\"\",{\"\"b\"\":1}]\",de,x"));
        Assert.Equal("""{"op":"create","type":"order","data":{"order":{"no":"1"}},"labels":{"country":""}}""", Write(rows, "1,,,,,"));
        Assert.Equal(["invalid_value", "invalid_value", "invalid_value", "invalid_value", "wrong_number_of_fields"],
            ((string[])["1,1e,,,,", "1,\"1,\"\"x\"\":2\",,,,", "1,,yes,,,", "1,,,[,,", "1,2"]).Select(r => Fault(rows, r)));
    }

    [Theory]
    [InlineData(new byte[] { (byte)'a', 0xFF, (byte)'b' }, "invalid_utf8")]
    [InlineData(new byte[] { (byte)'a', 0x00, (byte)'b' }, "invalid_text")]
    public void Text_that_is_none_is_a_fault_of_its_row(byte[] content, string code)
    {
        var rows = new CsvRows(Record("a"), "order", null, ',');
        Assert.Equal(code, rows.Write(new(0, 1, content, null), new ArrayBufferWriter<byte>())!.Code);
        Assert.Equal("""{"op":"create","type":"order","data":{"a":"fine"}}""", Write(rows, "fine"));
    }

    [Theory]
    [InlineData("{\"a\":1", "malformed_json")]
    [InlineData("[1]", "wrong_type")]
    [InlineData("{\"a\":1,\"a\":2}", "malformed_json")]
    [InlineData("{\"a\":\"\\u0000\"}", "invalid_text")]
    [InlineData("{\"a\":\"\\ud800\"}", "invalid_text")]
    public void A_line_that_is_no_object_is_a_fault(string line, string code) => Assert.Equal(code, Fault(new NdjsonRows("order", null), line));

    [Fact]
    public void A_line_may_be_as_deep_as_the_request_around_it_leaves_room_for()
    {
        string Nested(int depth) => string.Concat(Enumerable.Repeat("{\"a\":", depth - 1)) + "{}" + new string('}', depth - 1);
        var rows = new NdjsonRows("order", null);
        using var fits = JsonDocument.Parse("{\"operations\":[" + Write(rows, Nested(28)) + "]}", new() { MaxDepth = 32 });
        Assert.Equal("json_too_deep", Fault(rows, Nested(29)));
    }

    [Fact]
    public void Lines_are_taken_apart_by_a_mapping_too()
    {
        var rows = new NdjsonRows("order", new Dictionary<string, string> { ["data"] = "data", ["labels"] = "labels" });
        Assert.Equal("""{"op":"create","type":"order","data":{"n":1},"labels":{"a":"b"}}""", Write(rows, """{"id":"res_1","data":{"n":1},"labels":{"a":"b"},"version":3}"""));
        Assert.Equal("""{"op":"create","type":"order","labels":{"a":"b"}}""", Write(rows, """{"labels":{"a":"b"}}"""));
    }

    [Theory]
    [InlineData("a", "data.x", "b", "data.x")]
    [InlineData("a", "data.x", "b", "data.x.y")]
    [InlineData("a", "data", "b", "data.x")]
    [InlineData("a", "nowhere", "b", "data.x")]
    [InlineData("a", "labels.x:number", "b", "data.x")]
    [InlineData("a", "data..x", "b", "data.x")]
    [InlineData("a", "data.x:date", "b", "data.y")]
    public void A_mapping_that_contradicts_itself_is_refused(string one, string first, string other, string second) =>
        Assert.Single(ImportMapping.Faults(new Dictionary<string, string> { [one] = first, [other] = second }));

    [Fact]
    public void A_header_without_the_mapped_column_ends_the_import() =>
        Assert.Contains("'total'", Assert.Throws<PermanentFaultException>(() => new CsvRows(Record("no"), "order", new Dictionary<string, string> { ["total"] = "data.t" }, ',')).Message, StringComparison.Ordinal);

    private static async Task<List<string>> CutAsync(string text, char? delimiter)
    {
        var scanner = new RecordScanner(new TextSource(text, block: 3), (byte?)delimiter);
        var records = new List<string>();
        while (await scanner.NextAsync(CancellationToken.None) is { } record)
        {
            records.Add(record.Fault is null ? Encoding.UTF8.GetString(record.Content.Span) : "!" + record.Fault.Code);
        }

        return records;
    }

    private static SourceRecord Record(string text) => new(0, 1, Encoding.UTF8.GetBytes(text), null);

    private static string Write(IRowReader rows, string text)
    {
        var operation = new ArrayBufferWriter<byte>();
        Assert.Null(rows.Write(Record(text), operation));
        return Encoding.UTF8.GetString(operation.WrittenSpan);
    }

    private static string Fault(IRowReader rows, string text) => rows.Write(Record(text), new ArrayBufferWriter<byte>())!.Code;

    /// <summary>A file in memory, given out in pieces that end anywhere.</summary>
    private sealed class TextSource(string text, int block = int.MaxValue) : IByteSource
    {
        private readonly byte[] _bytes = Encoding.UTF8.GetBytes(text);

        public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            var read = (int)Math.Min(Math.Min(buffer.Length, block), _bytes.Length - offset);
            _bytes.AsMemory((int)offset, read).CopyTo(buffer);
            return ValueTask.FromResult(read);
        }
    }
}
