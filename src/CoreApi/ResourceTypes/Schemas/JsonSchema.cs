using System.Text.Json;
using Platform.ServiceDefaults.Problems;

namespace Platform.CoreApi.ResourceTypes.Schemas;

/// <summary>
/// A JSON Schema of draft 2020-12, checked and ready: no keyword in it is unknown to this validator, every reference leads somewhere in the
/// schema itself, and validating ends. Safe for any number of callers at once.
/// </summary>
internal sealed class JsonSchema
{
    private readonly SchemaNode _root;

    private JsonSchema(SchemaNode root) => _root = root;

    /// <summary>The schema, or everything that is wrong with it.</summary>
    /// <param name="pointer">Where the schema stands, for the pointers of its faults.</param>
    public static (JsonSchema? Schema, IReadOnlyList<InputError> Faults) Compile(JsonElement schema, string pointer = "")
    {
        var compiler = new SchemaCompiler();
        var root = compiler.Compile(schema);
        return compiler.Faults.Count == 0
            ? (new(root), [])
            : (null, [.. compiler.Faults.Select(f => f with { Pointer = pointer + f.Pointer })]);
    }

    /// <summary>What is wrong with the data, up to <see cref="Validation.MaxFaults"/> faults; none when it is valid.</summary>
    /// <param name="pointer">Where the data stands.</param>
    public IReadOnlyList<InputError> Faults(JsonElement data, string pointer = "")
    {
        var validation = new Validation(pointer);
        try
        {
            _root.Check(data, Place.Root, validation);
        }
        catch (TooMuchWorkException)
        {
            validation.Faults.Add(new(pointer, "too_complex", "Holding this against the schema of its type takes too long."));
        }

        return validation.Faults;
    }
}

/// <summary>One run of a schema over data.</summary>
/// <param name="pointer">Where the data stands.</param>
internal sealed class Validation(string pointer)
{
    public const int MaxFaults = 100;

    /// <summary>Steps are schemas that were applied to values. References can multiply them beyond all bounds; this is far beyond use.</summary>
    private const int MaxSteps = 5_000_000;
    private int _steps;
    private int _asking;

    public List<InputError> Faults { get; } = [];

    /// <summary>True when only yes or no is asked for, and the first no ends it.</summary>
    public bool IsAsking => _asking > 0 || Faults.Count >= MaxFaults;

    public void Step()
    {
        if (++_steps > MaxSteps)
        {
            throw new TooMuchWorkException();
        }
    }

    /// <summary>False, with the reason where reasons are gathered.</summary>
    public bool Fault(Place place, string code, string detail)
    {
        if (!IsAsking)
        {
            Faults.Add(new(pointer + place, code, detail));
        }

        return false;
    }

    /// <summary>Whether a value meets a schema, without gathering why not.</summary>
    public bool Meets(SchemaNode schema, JsonElement value, Place place)
    {
        _asking++;
        try
        {
            return schema.Check(value, place, this);
        }
        finally
        {
            _asking--;
        }
    }
}

/// <summary>A place in the data; becomes a pointer only when something is wrong there.</summary>
internal sealed record Place(Place? Parent, string Name)
{
    public static readonly Place Root = new(null, "");

    public Place At(string name) => new(this, name);

    public Place At(int index) => new(this, index.ToString(System.Globalization.CultureInfo.InvariantCulture));

    public override string ToString() => Parent is null
        ? ""
        : $"{Parent}/{Name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
}

/// <summary>A schema would take longer than any schema in use.</summary>
internal sealed class TooMuchWorkException : Exception;
