using System.Globalization;
using Npgsql;
using Platform.Testing;

namespace Platform.Faults;

/// <summary>The sink against the source: every acknowledged event once, in the order of its key, and nothing else.</summary>
internal static class Balance
{
    /// <summary>What is wrong with a group's effects, one line each; empty when nothing is.</summary>
    public static async Task<List<string>> CheckAsync(Ledger ledger, TestDatabase database, string group)
    {
        var faults = new List<string>();
        var effects = await ReadAsync(database, group);
        foreach (var (key, account) in ledger.Accounts)
        {
            var seen = new HashSet<int>();
            var last = 0;
            foreach (var n in effects.GetValueOrDefault(key, []))
            {
                if (!seen.Add(n))
                {
                    faults.Add($"{group}: {key}/{n} is doubled");
                }
                else if (n < last)
                {
                    faults.Add($"{group}: {key}/{n} is out of order, after {last}");
                }
                else if (n > account.Attempted)
                {
                    faults.Add($"{group}: {key}/{n} was never written");
                }

                last = Math.Max(last, n);
            }

            faults.AddRange(account.Acknowledged.Except(seen).Order().Select(n => $"{group}: {key}/{n} is lost"));
        }

        faults.AddRange(effects.Keys.Except(ledger.Accounts.Keys).Select(key => $"{group}: {key} was never written"));
        return faults;
    }

    /// <summary>Whether two groups have handled the same numbers: also those that were not acknowledged.</summary>
    public static async Task<List<string>> CompareAsync(TestDatabase database, string first, string second)
    {
        var (left, right) = (await ReadAsync(database, first), await ReadAsync(database, second));
        return
        [
            .. left.Keys.Union(right.Keys).SelectMany(key =>
            {
                var (l, r) = (left.GetValueOrDefault(key, []), right.GetValueOrDefault(key, []));
                return l.Except(r).Select(n => $"{key}/{n} is in {first} and not in {second}").Concat(r.Except(l).Select(n => $"{key}/{n} is in {second} and not in {first}"));
            }),
        ];
    }

    private static async Task<Dictionary<string, List<int>>> ReadAsync(TestDatabase database, string group)
    {
        await using var connection = new NpgsqlConnection(database.AdminConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            string.Create(CultureInfo.InvariantCulture, $"SELECT key, n FROM ledger.effect WHERE consumer_group = '{group}' ORDER BY seq"), connection);
        await using var reader = await command.ExecuteReaderAsync();
        var effects = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        while (await reader.ReadAsync())
        {
            var key = reader.GetString(0);
            if (!effects.TryGetValue(key, out var numbers))
            {
                effects[key] = numbers = [];
            }

            numbers.Add(reader.GetInt32(1));
        }

        return effects;
    }
}
