using System.Text.Json;
using Platform.ServiceDefaults.Problems;

namespace Platform.ServiceDefaults.Requests;

/// <summary>
/// Takes the fields of a JSON object one by one and gathers everything that is wrong with them, each with its pointer; what
/// was not taken is an unknown field. Ask for <see cref="Problem"/> when all fields are taken, and use no value before.
/// An explicit null is the same as a field that is not there.
/// </summary>
public sealed class JsonFields
{
    private readonly JsonElement _element;
    private readonly string _pointer;
    private readonly List<InputError> _errors;
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private readonly List<JsonFields> _nested = [];
    private JsonFields _root;
    private Problem? _refusal;

    /// <summary>The fields of an object that did not come as a body of its own.</summary>
    public JsonFields(JsonElement element)
        : this(element, "")
    {
    }

    internal JsonFields(JsonElement element, string pointer, List<InputError>? errors = null)
    {
        _element = element;
        _pointer = pointer;
        _errors = errors ?? [];
        _root = this;
    }

    /// <summary>Everything that is wrong, as one answer; null when all is well.</summary>
    public Problem? Problem
    {
        get
        {
            FindUnknown();
            return _refusal is not null ? _refusal : _errors.Count == 0 ? null : KnownProblems.Validation(_errors);
        }
    }

    /// <summary>Adds a fault that a rule of the capability found.</summary>
    public void Fault(string name, string code, string detail) => _errors.Add(new(Append(_pointer, name), code, detail));

    /// <summary>What is asked for is not the caller's to ask: this is the answer, whatever else is wrong. The first one counts.</summary>
    public void Refuse(Problem problem) => _root._refusal ??= problem;

    /// <summary>As <see cref="Fault(string, string, string)"/>, of one item of a list.</summary>
    public void Fault(string name, int index, string code, string detail) => _errors.Add(new($"{Append(_pointer, name)}/{index}", code, detail));

    /// <summary>Adds faults that were found elsewhere, their pointers beginning at this object.</summary>
    public void Take(IEnumerable<InputError> faults) => _errors.AddRange(faults.Select(f => f with { Pointer = _pointer + f.Pointer }));

    /// <summary>Adds a fault of something deeper.</summary>
    /// <param name="pointer">A JSON pointer from this object: <c>/payload/items/3</c>.</param>
    public void FaultAt(string pointer, string code, string detail) => _errors.Add(new(_pointer + pointer, code, detail));

    /// <summary>Takes back what was found so far at these places: what stands there is not final yet, such as a template.</summary>
    /// <param name="pointers">From this object.</param>
    public void Forgive(IReadOnlyCollection<string> pointers) =>
        _errors.RemoveAll(e => e.Pointer.StartsWith(_pointer, StringComparison.Ordinal) && pointers.Contains(e.Pointer[_pointer.Length..]));

    /// <summary>True when the field is there and not null.</summary>
    public bool Has(string name) => TryTake(name, out _);

    /// <summary>A text of <paramref name="min"/> to <paramref name="max"/> UTF-16 units.</summary>
    public string? OptionalString(string name, int max = 1024, int min = 1)
    {
        if (!TryTake(name, out var value))
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.String)
        {
            WrongType(name, "a string");
            return null;
        }

        var text = value.GetString()!;
        if (text.Length < min || text.Length > max)
        {
            Fault(name, "invalid_length", $"'{name}' must have {min} to {max} characters.");
            return null;
        }

        return text;
    }

    /// <summary>As <see cref="OptionalString"/>, and must be there; empty after a fault.</summary>
    public string RequiredString(string name, int max = 1024, int min = 1)
    {
        Require(name);
        return OptionalString(name, max, min) ?? "";
    }

    /// <summary>A whole number in a range.</summary>
    public int? OptionalInt(string name, int min = int.MinValue, int max = int.MaxValue) => (int?)OptionalLong(name, min, max);

    /// <summary>A whole number in a range.</summary>
    public long? OptionalLong(string name, long min = long.MinValue, long max = long.MaxValue)
    {
        if (!TryTake(name, out var value))
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out var number))
        {
            WrongType(name, "a whole number");
            return null;
        }

        if (number < min || number > max)
        {
            Fault(name, "out_of_range", $"'{name}' must be between {min} and {max}.");
            return null;
        }

        return number;
    }

    public bool? OptionalBool(string name)
    {
        if (!TryTake(name, out var value))
        {
            return null;
        }

        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        WrongType(name, "true or false");
        return null;
    }

    /// <summary>An RFC 3339 time with its offset; returned in UTC.</summary>
    public DateTimeOffset? OptionalTime(string name)
    {
        if (!TryTake(name, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String && Rfc3339.TryParse(value.GetString(), out var time))
        {
            return time;
        }

        WrongType(name, "an RFC 3339 time such as 2026-01-31T12:00:00Z");
        return null;
    }

    /// <summary>Any JSON value, an explicit null included; undefined when not there.</summary>
    public JsonElement OptionalValue(string name)
    {
        _taken.Add(name);
        return _element.TryGetProperty(name, out var value) ? value : default;
    }

    /// <summary>Any JSON value, an explicit null included.</summary>
    public JsonElement RequiredValue(string name)
    {
        var value = OptionalValue(name);
        if (value.ValueKind == JsonValueKind.Undefined)
        {
            Fault(name, "required", $"'{name}' is required.");
        }

        return value;
    }

    /// <summary>A flat map of strings, in order; empty when not there.</summary>
    /// <param name="isPatch">True for a merge patch of such a map: a null removes its entry, and is left out of what is returned.</param>
    public IReadOnlyDictionary<string, string> OptionalStringMap(string name, int maxEntries = 64, int maxKey = 63, int maxValue = 255, bool isPatch = false)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!TryTake(name, out var value))
        {
            return map;
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            WrongType(name, "an object of strings");
            return map;
        }

        foreach (var entry in value.EnumerateObject())
        {
            var pointer = name + "/" + Escape(entry.Name);
            if (isPatch && entry.Value.ValueKind == JsonValueKind.Null)
            {
                continue;
            }

            if (entry.Value.ValueKind != JsonValueKind.String)
            {
                _errors.Add(new(_pointer + "/" + pointer, "wrong_type", $"'{name}.{entry.Name}' must be a string."));
            }
            else if (entry.Name.Length is 0 || entry.Name.Length > maxKey || entry.Value.GetString()!.Length > maxValue)
            {
                _errors.Add(new(_pointer + "/" + pointer, "invalid_length", $"A name in '{name}' has 1 to {maxKey} characters, a value up to {maxValue}."));
            }
            else
            {
                map[entry.Name] = entry.Value.GetString()!;
            }
        }

        if (map.Count > maxEntries)
        {
            Fault(name, "too_many", $"'{name}' may have {maxEntries} entries.");
        }

        return map;
    }

    /// <summary>A list of texts; null when not there.</summary>
    public IReadOnlyList<string>? OptionalStringList(string name, int maxItems = 100, int maxLength = 255)
    {
        if (!TryTake(name, out var value))
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            WrongType(name, "a list of strings");
            return null;
        }

        if (value.GetArrayLength() > maxItems)
        {
            Fault(name, "too_many", $"'{name}' may have {maxItems} items.");
            return null;
        }

        var list = new List<string>(value.GetArrayLength());
        foreach (var item in value.EnumerateArray())
        {
            var fault = item.ValueKind != JsonValueKind.String ? "wrong_type" : item.GetString()!.Length is 0 || item.GetString()!.Length > maxLength ? "invalid_length" : null;
            if (fault is not null)
            {
                Fault(name, list.Count, fault, $"'{name}' must hold strings of 1 to {maxLength} characters.");
                return null;
            }

            list.Add(item.GetString()!);
        }

        return list;
    }

    /// <summary>The fields of a nested object, whose faults are gathered here; null when not there.</summary>
    public JsonFields? OptionalObject(string name)
    {
        if (!TryTake(name, out var value))
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            WrongType(name, "an object");
            return null;
        }

        var nested = new JsonFields(value, Append(_pointer, name), _errors) { _root = _root };
        _nested.Add(nested);
        return nested;
    }

    /// <summary>A list of objects, the fields of each; null when not there.</summary>
    public IReadOnlyList<JsonFields>? OptionalObjectList(string name, int maxItems = 100)
    {
        if (!TryTake(name, out var value))
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            WrongType(name, "a list of objects");
            return null;
        }

        if (value.GetArrayLength() > maxItems)
        {
            Fault(name, "too_many", $"'{name}' may have {maxItems} items.");
            return null;
        }

        var list = new List<JsonFields>(value.GetArrayLength());
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            var pointer = $"{Append(_pointer, name)}/{index++}";
            if (item.ValueKind != JsonValueKind.Object)
            {
                _errors.Add(new(pointer, "wrong_type", $"'{name}' must hold objects."));
                continue;
            }

            var nested = new JsonFields(item, pointer, _errors) { _root = _root };
            _nested.Add(nested);
            list.Add(nested);
        }

        return list;
    }

    internal static string Append(string pointer, string name) => $"{pointer}/{Escape(name)}";

    private static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    private void Require(string name)
    {
        if (!TryTake(name, out _))
        {
            Fault(name, "required", $"'{name}' is required.");
        }
    }

    private void WrongType(string name, string expected) => Fault(name, "wrong_type", $"'{name}' must be {expected}.");

    private bool TryTake(string name, out JsonElement value)
    {
        _taken.Add(name);
        return _element.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;
    }

    private void FindUnknown()
    {
        foreach (var property in _element.EnumerateObject())
        {
            if (_taken.Add(property.Name))
            {
                Fault(property.Name, "unknown_field", $"'{property.Name}' is not a field of this request.");
            }
        }

        foreach (var nested in _nested)
        {
            nested.FindUnknown();
        }
    }
}
