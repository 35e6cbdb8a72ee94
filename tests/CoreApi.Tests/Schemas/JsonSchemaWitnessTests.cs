using System.Text;
using System.Text.Json;
using Platform.CoreApi.ResourceTypes.Schemas;
using Platform.Testing;

namespace Platform.CoreApi.Tests;

/// <summary>The same schemas and the same data to Ajv and to ours: they say the same.</summary>
public sealed class JsonSchemaWitnessTests
{
    [Fact]
    public async Task Written_cases() => await CompareAsync(SchemaCases.All.SelectMany(c => c.Schemas.Select(s => (s, c.Instances))));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Random_schemas_and_data(int seed)
    {
        var random = new RandomSchemas(seed);
        await CompareAsync(Enumerable.Range(0, 300).Select(_ => (random.Schema(), (IReadOnlyList<string>)[.. Enumerable.Range(0, 25).Select(_ => random.Value())])));
    }

    private static async Task CompareAsync(IEnumerable<(string Schema, IReadOnlyList<string> Instances)> cases)
    {
        var all = cases.ToArray();
        var theirs = await NodeWitness.RunAsync(
            "json-schema.mjs", all.Select(c => $$"""{"schema":{{Flat(c.Schema)}},"instances":[{{string.Join(',', c.Instances)}}]}"""));
        var differences = new List<string>();
        for (var i = 0; i < all.Length; i++)
        {
            var ours = Judge(all[i].Schema, all[i].Instances);
            for (var j = 0; j < (ours == theirs[i] ? 0 : all[i].Instances.Count); j++)
            {
                if (ours.Length != theirs[i].Length || ours[j] != theirs[i][j])
                {
                    differences.Add($"on {all[i].Instances[j]}: ours {(ours.Length > j ? ours[j] : "-")} of {ours}, Ajv {theirs[i]}: {all[i].Schema}");
                }
            }
        }

        Assert.True(differences.Count == 0, $"{differences.Count} differences:\n{string.Join('\n', differences.Take(20))}");
        Assert.Contains(theirs, t => t.Contains('0', StringComparison.Ordinal));
        Assert.Contains(theirs, t => t.Contains('1', StringComparison.Ordinal));
    }

    private static string Judge(string schema, IReadOnlyList<string> instances)
    {
        var (compiled, _) = JsonSchema.Compile(JsonDocument.Parse(schema).RootElement);
        if (compiled is null)
        {
            return "refused";
        }

        var verdicts = new StringBuilder();
        foreach (var instance in instances)
        {
            verdicts.Append(compiled.Faults(JsonDocument.Parse(instance).RootElement).Count == 0 ? '1' : '0');
        }

        return verdicts.ToString();
    }

    private static string Flat(string schema) => schema.ReplaceLineEndings(" ");
}
