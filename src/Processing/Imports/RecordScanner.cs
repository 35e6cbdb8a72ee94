using System.Buffers;
using Platform.Processing.Peers;

namespace Platform.Processing.Imports;

/// <param name="Offset">Where in the file it begins.</param>
/// <param name="Line">Its first line, from 1.</param>
/// <param name="Content">Without its line end; good until the next one is read. Empty where there is a fault.</param>
/// <param name="Fault">Why it is no record; null when it is one.</param>
internal readonly record struct SourceRecord(long Offset, long Line, ReadOnlyMemory<byte> Content, RowFault? Fault);

/// <summary>
/// Cuts a file into records: lines, or in CSV what RFC 4180 calls a record, whose quoted fields may hold line ends. Where one begins follows from the bytes
/// before it alone, so that an import that was interrupted cuts the same records again. Memory is the same whatever the file holds: of what is too large for
/// a record only the end is looked for.
/// </summary>
/// <param name="delimiter">Between the fields of CSV; null for lines.</param>
internal sealed class RecordScanner(IByteSource file, byte? delimiter)
{
    /// <summary>Bytes that a record may have.</summary>
    public const int MaxRecord = 256 * 1024;

    private const int Block = 1024 * 1024;
    private readonly SearchValues<byte> _unquotedEnds = SearchValues.Create((byte)'"', delimiter ?? (byte)',', (byte)'\n');
    private readonly byte[] _buffer = new byte[MaxRecord + Block];
    private int _start;
    private int _scanned;
    private int _filled;
    private long _base;
    private State _state;
    private RowFault? _fault;

    private enum State
    {
        FieldStart,
        Unquoted,
        Quoted,
        AfterQuote,
    }

    /// <summary>Where the next record begins.</summary>
    public long Offset => _base + _start;

    /// <summary>The line that it begins in.</summary>
    public long Line { get; private set; } = 1;

    /// <summary>Goes to where a record begins.</summary>
    public void Seek(long offset, long line)
    {
        (_base, _start, _scanned, _filled, Line) = (offset, 0, 0, 0, line);
    }

    /// <summary>Null at the end of the file.</summary>
    public async ValueTask<SourceRecord?> NextAsync(CancellationToken cancellationToken)
    {
        var (offset, line) = (Offset, Line);
        _state = State.FieldStart;
        _fault = null;
        while (true)
        {
            var end = FindEnd();
            if (end >= 0)
            {
                return Take(offset, line, end, end + 1);
            }

            if (_scanned - _start > MaxRecord)
            {
                _fault ??= new("row_too_large", $"A row may have {MaxRecord} bytes.");
            }

            if (_fault?.Code == "row_too_large")
            {
                Line += _buffer.AsSpan(_start, _scanned - _start).Count((byte)'\n');
                _start = _scanned;
            }

            if (!await FillAsync(cancellationToken))
            {
                if (_filled == _start && Offset == offset)
                {
                    return null;
                }

                if (delimiter is not null && _state == State.Quoted)
                {
                    _fault ??= new("unclosed_quote", "A quote is opened and never closed.");
                }

                return Take(offset, line, _filled, _filled);
            }
        }
    }

    private SourceRecord Take(long offset, long line, int end, int next)
    {
        Line += _buffer.AsSpan(_start, next - _start).Count((byte)'\n');
        var content = _buffer.AsMemory(_start, end - _start);
        if (content.Length > MaxRecord)
        {
            _fault ??= new("row_too_large", $"A row may have {MaxRecord} bytes.");
        }

        (_start, _scanned) = (next, next);
        if (_fault is not null)
        {
            return new(offset, line, default, _fault);
        }

        return new(offset, line, content.Span.EndsWith("\r"u8) ? content[..^1] : content, null);
    }

    /// <summary>The line end that ends the record, looked for from where the last look ended; -1 when it is not in the buffer.</summary>
    private int FindEnd()
    {
        while (_scanned < _filled)
        {
            var rest = _buffer.AsSpan(_scanned, _filled - _scanned);
            if (delimiter is null)
            {
                var newLine = rest.IndexOf((byte)'\n');
                _scanned = newLine < 0 ? _filled : _scanned + newLine;
                return newLine < 0 ? -1 : _scanned;
            }

            if (_state == State.Quoted)
            {
                var quote = rest.IndexOf((byte)'"');
                _scanned = quote < 0 ? _filled : _scanned + quote + 1;
                _state = quote < 0 ? State.Quoted : State.AfterQuote;
                continue;
            }

            if (_state == State.Unquoted)
            {
                var special = rest.IndexOfAny(_unquotedEnds);
                _scanned = special < 0 ? _filled : _scanned + special;
                if (special < 0)
                {
                    return -1;
                }
            }

            if (Step(_buffer[_scanned]))
            {
                return _scanned;
            }

            _scanned++;
        }

        return -1;
    }

    /// <summary>One byte outside of quotes; true when it ends the record.</summary>
    private bool Step(byte next)
    {
        switch (next)
        {
            case (byte)'\n':
                return true;
            case var separator when separator == delimiter:
                _state = State.FieldStart;
                break;
            case (byte)'"' when _state is State.FieldStart or State.AfterQuote:
                _state = State.Quoted;
                break;
            case (byte)'"':
                _fault ??= new("stray_quote", "A quote stands in a field that is not quoted; write it as \"\" in a quoted field.");
                break;
            case (byte)'\r' when _state == State.AfterQuote:
                break;
            default:
                if (_state == State.AfterQuote)
                {
                    _fault ??= new("stray_quote", "Something follows a closing quote; write a quote within quotes as \"\".");
                }

                _state = State.Unquoted;
                break;
        }

        return false;
    }

    /// <summary>Reads on; false at the end of the file.</summary>
    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        _buffer.AsSpan(_start, _filled - _start).CopyTo(_buffer);
        _base += _start;
        (_scanned, _filled, _start) = (_scanned - _start, _filled - _start, 0);
        var read = await file.ReadAsync(_base + _filled, _buffer.AsMemory(_filled, Math.Min(Block, _buffer.Length - _filled)), cancellationToken);
        _filled += read;
        return read > 0;
    }
}
