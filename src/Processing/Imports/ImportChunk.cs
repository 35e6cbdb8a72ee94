using System.Buffers;
using System.Text.Json;

namespace Platform.Processing.Imports;

/// <summary>Rows that are written together: one request, under a key that names the place where they begin.</summary>
internal sealed class ImportChunk
{
    /// <summary>Records of a chunk, bad ones included.</summary>
    public const int MaxRows = 1000;

    /// <summary>Bytes of its operations: a request may have 1 MiB.</summary>
    public const int MaxBytes = 1_000_000;

    private readonly ArrayBufferWriter<byte> _operations = new(MaxBytes);
    private readonly ArrayBufferWriter<byte> _operation = new(4096);
    private readonly List<long> _lines = new(MaxRows);

    /// <summary>Of the records that are no operations, by their lines.</summary>
    public List<(long Line, RowFault Fault)> Faults { get; } = [];

    public int Rows { get; private set; }

    /// <summary>Operations.</summary>
    public int Count => _lines.Count;

    public bool IsFull => Rows == MaxRows;

    public void Clear()
    {
        _operations.ResetWrittenCount();
        _lines.Clear();
        Faults.Clear();
        Rows = 0;
    }

    /// <summary>Takes a record in; false when there is no room for it, which only an empty chunk always has.</summary>
    public bool TryAdd(SourceRecord record, IRowReader reader)
    {
        _operation.ResetWrittenCount();
        var fault = record.Fault ?? reader.Write(record, _operation);
        if (fault is null && _operation.WrittenCount > MaxBytes)
        {
            fault = new("row_too_large", $"A row may have {MaxBytes} bytes of JSON.");
        }

        if (fault is not null)
        {
            Faults.Add((record.Line, fault));
        }
        else
        {
            if (_operations.WrittenCount + _operation.WrittenCount + 1 > MaxBytes && Count > 0)
            {
                return false;
            }

            _operations.Write(Count == 0 ? ""u8 : ","u8);
            _operations.Write(_operation.WrittenSpan);
            _lines.Add(record.Line);
        }

        Rows++;
        return true;
    }

    public byte[] ToBody(bool atomic) =>
        [.. "{\"operations\":["u8, .. _operations.WrittenSpan, .. (atomic ? "],\"atomic\":true}"u8 : "],\"atomic\":false}"u8)];

    public long LineOf(int operation) => _lines[operation];

    /// <summary>The faults as lines of JSON, in the order of their rows.</summary>
    public byte[] FaultsAsLines()
    {
        var lines = new ArrayBufferWriter<byte>(4096);
        using var json = new Utf8JsonWriter(lines, Operations.Writing with { SkipValidation = true });
        foreach (var (line, fault) in Faults.OrderBy(f => f.Line))
        {
            fault.WriteTo(json, line);
            json.Flush();
            lines.Write("\n"u8);
            json.Reset();
        }

        return lines.WrittenSpan.ToArray();
    }
}
