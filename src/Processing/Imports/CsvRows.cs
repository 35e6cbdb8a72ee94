using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using CsvHelper;
using CsvHelper.Configuration;
using Platform.Processing.Peers;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Imports;

/// <summary>Rows of CSV: the first record names the columns, and every other one has as many fields.</summary>
internal sealed class CsvRows : IRowReader
{
    private const int MaxColumns = 1000;
    private readonly FieldSplitter _split;
    private readonly string _type;
    private readonly int _columns;
    private readonly ImportMapping _mapping;

    /// <exception cref="PermanentFaultException">The first record names no columns, or not those that are asked for.</exception>
    public CsvRows(SourceRecord? header, string type, IReadOnlyDictionary<string, string>? mapping, char delimiter)
    {
        _split = new(delimiter);
        if (header is not { } first)
        {
            throw new PermanentFaultException("The file is empty: the first line of CSV names the columns.");
        }

        _type = type;
        var fault = first.Fault ?? _split.Split(first.Content);
        if (fault is not null)
        {
            throw new PermanentFaultException($"The first line cannot be read: {fault.Detail} ({fault.Code})");
        }

        string[] columns = [.. Enumerable.Range(0, _split.Count).Select(i => _split[i])];
        _columns = columns.Length;
        if (columns.Length > MaxColumns || columns.Contains("") || columns.Distinct(StringComparer.Ordinal).Count() < columns.Length)
        {
            throw new PermanentFaultException($"The first line must name up to {MaxColumns} columns, each once and none empty.");
        }

        if (mapping?.Keys.FirstOrDefault(k => !columns.Contains(k, StringComparer.Ordinal)) is { } missing)
        {
            throw new PermanentFaultException($"The file has no column '{missing}'; it has {string.Join(", ", columns.Take(20))}.");
        }

        _mapping = mapping is null ? ImportMapping.Plain(columns) : ImportMapping.Of(mapping, name => Array.IndexOf(columns, name));
    }

    public RowFault? Write(SourceRecord record, IBufferWriter<byte> operation)
    {
        if (_split.Split(record.Content) is { } unreadable)
        {
            return unreadable;
        }

        if (_split.Count != _columns)
        {
            return new("wrong_number_of_fields", $"There are {_split.Count} fields, and the first line names {_columns} columns.");
        }

        RowFault? fault = null;
        Operations.WriteCreate(operation, _type, json => _mapping.WriteTo(json, (target, name, leaf) =>
        {
            fault ??= WriteValue(target, name, leaf, _split[leaf.Column]);
            return fault is null;
        }));
        return fault;
    }

    /// <summary>A value by its kind; empty text that is meant as anything but text is left out.</summary>
    private static RowFault? WriteValue(Utf8JsonWriter json, string name, ImportMapping.Leaf leaf, string text)
    {
        if (leaf.Kind == "string")
        {
            json.WriteString(name, text);
            return null;
        }

        if (text.Length == 0)
        {
            return null;
        }

        var (body, _) = leaf.Kind == "boolean" && text is not ("true" or "false") ? default
            : JsonBody.Parse(Encoding.UTF8.GetBytes($$"""{"v":{{text}}}"""));
        using (body)
        {
            // A text with a brace of its own could end the object around it: then it has other fields than this one.
            if (body?.Root.EnumerateObject().ToArray() is [{ Value: var value }] && (leaf.Kind != "number" || value.ValueKind == JsonValueKind.Number) && JsonDepth.Of(value) <= ImportMapping.MaxDepth)
            {
                json.WritePropertyName(name);
                value.WriteTo(json);
                return null;
            }
        }

        return new("invalid_value", $"'{leaf.Name}' is no {leaf.Kind}: {(text.Length > 100 ? text[..100] : text)}");
    }

    /// <summary>One record's fields, by CsvHelper, which is given one record after the other.</summary>
    private sealed class FieldSplitter
    {
        private readonly CsvConfiguration _rfc4180 = new(CultureInfo.InvariantCulture)
        {
            Mode = CsvMode.RFC4180, NewLine = "\n", IgnoreBlankLines = false, BadDataFound = null, DetectColumnCountChanges = false, BufferSize = 16 * 1024,
        };

        private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);
        private readonly OneRecord _record = new();
        private CsvParser _parser;

        public FieldSplitter(char delimiter)
        {
            _rfc4180.Delimiter = delimiter.ToString();
            _parser = new(_record, _rfc4180);
        }

        public int Count => _parser.Count;

        public string this[int field] => _parser[field];

        public RowFault? Split(ReadOnlyMemory<byte> record)
        {
            if (record.Span.Contains((byte)0))
            {
                return new("invalid_text", "Text may not contain U+0000.");
            }

            try
            {
                _record.Set(Strict.GetString(record.Span) + "\n");
            }
            catch (DecoderFallbackException e)
            {
                return new("invalid_utf8", $"It is not UTF-8 from byte {e.Index + 1} of the row on.");
            }

            if (_parser.Read() && _record.IsRead)
            {
                return null;
            }

            _parser = new(_record, _rfc4180);
            return new("malformed_row", "The row is no CSV.");
        }
    }

    private sealed class OneRecord : TextReader
    {
        private string _text = "";
        private int _read;

        public bool IsRead => _read == _text.Length;

        public void Set(string text) => (_text, _read) = (text, 0);

        public override int Read(char[] buffer, int index, int count)
        {
            var taken = Math.Min(count, _text.Length - _read);
            _text.CopyTo(_read, buffer, index, taken);
            _read += taken;
            return taken;
        }
    }
}
