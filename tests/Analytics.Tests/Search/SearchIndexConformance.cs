using Npgsql;

namespace Platform.Analytics.Search;

/// <summary>What every search engine must do, said against the seam alone. An adapter's test class says how to get one.</summary>
public abstract class SearchIndexConformance
{
    private static readonly DateTimeOffset Time = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly Guid _tenant = AnalyticsFixture.NewTenant();

    internal abstract ISearchIndex Index { get; }

    /// <summary>A connection of the consumer's database.</summary>
    internal abstract Task<NpgsqlConnection> ConnectAsync();

    /// <summary>Until what was applied can be found, for engines that show it later.</summary>
    internal virtual Task SettleAsync() => Task.CompletedTask;

    [Theory]
    [InlineData("quick", "1")]
    [InlineData("QUICK fox", "1")]
    [InlineData("quick dog", "")]
    [InlineData("qui", "1")]
    [InlineData("qui fox", "")]
    [InlineData("brown fo", "1")]
    [InlineData("\"quick brown\"", "1")]
    [InlineData("\"brown quick\"", "")]
    [InlineData("\"quick bro\"", "")]
    [InlineData("\"fox jumps", "1")]
    [InlineData("lazy", "2,3")]
    [InlineData("lazy -dog", "3")]
    [InlineData("lazy -\"lazy dog\"", "3")]
    [InlineData("-lazy", "1,4,5")]
    [InlineData("fox or cat", "1,3")]
    [InlineData("lazy cat OR quick fox", "1,3")]
    [InlineData("or", "")]
    [InlineData("-", "")]
    [InlineData("!!! & | ( ' \\ :*", "")]
    [InlineData("it's", "4")]
    [InlineData("alice@example.com", "4")]
    [InlineData("example", "4")]
    [InlineData("ÉCOLE", "5")]
    [InlineData("школа", "5")]
    [InlineData("京都", "5")]
    [InlineData("東都", "")]
    [InlineData("\"end next\"", "")]
    [InlineData("prod", "2")]
    [InlineData("animal", "1,2,3")]
    public async Task Words_are_found_as_people_type_them(string typed, string expected)
    {
        await ApplyAsync(
            Resource(1, "The quick brown fox jumps", type: "animal.fox"),
            Resource(2, "A lazy dog", type: "animal.dog", labels: ("env", "prod")),
            Resource(3, "A lazy, lazy cat", type: "animal.cat"),
            Resource(4, "it's alice@example.com's /var/log/x-y.txt", type: "mail"),
            Resource(5, "À l'école. Школа! 東京都 the end\nnext text", type: "words"));

        Assert.Equal(expected, string.Join(',', Numbers(await FindAsync(typed)).Order()));
    }

    [Fact]
    public async Task Types_and_labels_filter_exactly()
    {
        await ApplyAsync(
            Resource(1, "same", type: "a", labels: ("env", "prod")),
            Resource(2, "same", type: "a", labels: ("env", "prod2")),
            Resource(3, "same", type: "a.b", labels: ("env", "it's \\ : odd")),
            Resource(4, "same", type: "A"));

        Assert.Equal([1, 2], Numbers(await FindAsync("same", type: "a")).Order());
        Assert.Equal([1], Numbers(await FindAsync("same", labels: [new("env", "prod")])));
        Assert.Equal([3], Numbers(await FindAsync(null, labels: [new("env", "it's \\ : odd")])));
        Assert.Equal([1], Numbers(await FindAsync(null, type: "a", labels: [new("env", "prod")])));
        Assert.Empty(await FindAsync(null, type: "a' | 'b"));
        Assert.Equal([4, 3, 2, 1], Numbers(await FindAsync(null)));
    }

    [Fact]
    public async Task An_older_version_never_replaces_a_newer_one_in_any_order()
    {
        var (first, second, third) = (Resource(1, "first", version: 1), Resource(1, "second", version: 2), Resource(1, "third", version: 3));
        foreach (var order in new[] { new[] { second }, [first], [third, first, second], [second, third], [first] })
        {
            await ApplyAsync(order);
        }

        Assert.Empty(await FindAsync("first"));
        Assert.Empty(await FindAsync("second"));
        Assert.Equal(3, Assert.Single(await FindAsync("third")).Document.Version);
    }

    [Fact]
    public async Task What_is_deleted_is_gone_and_stays_gone()
    {
        var (document, gone) = (Resource(1, "here", version: 1), Resource(1, "", version: 2) with { Deleted = true });
        await ApplyAsync(document);
        Assert.Single(await FindAsync("here"));

        await ApplyAsync(gone);
        await ApplyAsync(document);
        await ApplyAsync(document, gone);

        Assert.Empty(await FindAsync("here"));
        Assert.Empty(await FindAsync(null));
        Assert.Empty(await FindAsync("-other"));
    }

    [Fact]
    public async Task A_deletion_that_comes_first_wins()
    {
        await ApplyAsync(Resource(1, "", version: 2) with { Deleted = true });
        await ApplyAsync(Resource(1, "late", version: 1));

        Assert.Empty(await FindAsync("late"));
    }

    [Fact]
    public async Task Events_are_found_by_kind_and_once()
    {
        var happened = Event(7, "resource.created", "hello");
        await ApplyAsync(Resource(1, "hello"), happened, happened);
        await ApplyAsync(happened);

        Assert.Equal([SearchKind.Resource], (await FindAsync("hello")).Select(h => h.Document.Kind));
        Assert.Equal([SearchKind.Event], (await FindAsync("hello", kinds: [SearchKind.Event])).Select(h => h.Document.Kind));
        Assert.Equal(2, (await FindAsync("hello", kinds: [SearchKind.Resource, SearchKind.Event])).Count);
        Assert.Single(await FindAsync(null, type: "resource.created", kinds: [SearchKind.Event]));
        Assert.Single(await FindAsync("res_subject", kinds: [SearchKind.Event]));
    }

    [Fact]
    public async Task Better_hits_come_first_and_of_equal_ones_the_recent()
    {
        await ApplyAsync(
            Resource(1, "once word"), Resource(2, "once word"), Resource(3, "word word word word"), Resource(4, "other", type: "word"));

        var hits = await FindAsync("word");

        Assert.Equal([4, 3, 2, 1], Numbers(hits));
        Assert.Equal(hits.Select(h => h.Score).OrderDescending(), hits.Select(h => h.Score));
    }

    [Theory]
    [InlineData("common", "Resource")]
    [InlineData(null, "Resource")]
    [InlineData("common", "Event")]
    [InlineData(null, "Event")]
    public async Task Pages_show_everything_once(string? typed, string of)
    {
        var kind = Enum.Parse<SearchKind>(of);
        await ApplyAsync([.. Enumerable.Range(1, 25).Select(i => kind == SearchKind.Resource
            ? Resource(i, i % 3 == 0 ? "common common" : "common") with { UpdatedAt = Time.AddDays(i % 4) }
            : Event(i, "a.b", "common") with { UpdatedAt = Time.AddDays(i % 4) })]);
        var seen = new List<SearchHit>();
        SearchPage page;
        do
        {
            page = await Index.QueryAsync(Query(typed, limit: 4, kinds: [kind]) with { After = seen.Count == 0 ? null : After(seen[^1]) }, default);
            seen.AddRange(page.Hits);
            Assert.True(seen.Count <= 25, "a page repeats");
        }
        while (page.HasMore);

        Assert.Equal(Enumerable.Range(1, 25), Numbers(seen).Order());
        Assert.Equal(Numbers((await Index.QueryAsync(Query(typed, limit: 50, kinds: [kind]), default)).Hits), Numbers(seen));
    }

    [Fact]
    public async Task Tenants_do_not_see_each_other()
    {
        await ApplyAsync(Resource(1, "secret", labels: ("env", "prod")) with { Tenant = AnalyticsFixture.NewTenant() }, Event(1, "a.b", "secret") with { Tenant = AnalyticsFixture.NewTenant() });

        foreach (var typed in new[] { "secret", "sec", "-other", "secre", "secert", null })
        {
            Assert.Empty(await FindAsync(typed, kinds: [SearchKind.Resource, SearchKind.Event]));
        }

        Assert.Empty(await Index.SuggestAsync(_tenant, "s", 10, default));
    }

    [Fact]
    public async Task A_misspelt_word_finds_what_it_may_have_meant_page_by_page()
    {
        await ApplyAsync(Resource(1, "an invoice for Customers"), Resource(2, "another invoice"), Resource(3, "nothing of that"));

        foreach (var typed in new[] { "invocie", "invoce", "invoicee", "inv0ice", "custmoer invoicce" })
        {
            var page = await Index.QueryAsync(Query(typed), default);
            Assert.True(page.Fuzzy == !typed.Contains('0', StringComparison.Ordinal), typed);
        }

        var first = await Index.QueryAsync(Query("invocie", limit: 1), default);
        var second = await Index.QueryAsync(Query("invocie", limit: 1) with { After = After(first.Hits[0]) with { Fuzzy = true } }, default);
        Assert.True(first is { Fuzzy: true, HasMore: true });
        Assert.Equal([1, 2], Numbers([.. first.Hits, .. second.Hits]).Order());
        Assert.False((await Index.QueryAsync(Query("invoice"), default)).Fuzzy);
        Assert.Empty(await FindAsync("zzzzzzzz"));
    }

    [Fact]
    public async Task Hostile_documents_are_taken()
    {
        var noise = string.Join(' ', Enumerable.Range(0, 20_000).Select(i => i.ToString("x")));
        await ApplyAsync(
            Resource(1, new string('w', 60_000) + " needle"),
            Resource(2, noise[..(64 * 1024 - 10)]),
            Resource(3, string.Concat(Enumerable.Repeat("a ", 30_000))),
            Resource(4, "''' \\ ':* &|!()<-> 'needle':1A \u0301\u0301 😀😀", labels: ("k'\\", "v'\\")),
            Resource(5, string.Concat(Enumerable.Repeat("𝔸", 30_000))),
            Resource(6, "needle", type: new string('t', 200), labels: (new string('n', 400), new string('v', 400))),
            Resource(7, string.Join('\n', Enumerable.Repeat("needle", 9000))));

        Assert.Equal([1, 4, 6, 7], Numbers(await FindAsync("needle")).Order());
        Assert.Equal([4], Numbers(await FindAsync(null, labels: [new("k'\\", "v'\\")])));
    }

    [Fact]
    public async Task Suggestions_are_words_types_and_labels_of_resources()
    {
        await ApplyAsync(
            Resource(1, "Invoice inventory x1x", type: "invoice", labels: ("inv", "Yes")), Resource(2, "invoice other"), Event(3, "inv.event", "invisible"));

        Assert.Equal(
            [new("label", "inv:Yes"), new("word", "inventory"), new("type", "invoice"), new("word", "invoice")],
            await Index.SuggestAsync(_tenant, "inv", 10, default));
        Assert.Equal(2, (await Index.SuggestAsync(_tenant, "inv", 2, default)).Count);
        Assert.Empty(await Index.SuggestAsync(_tenant, "inv%", 10, default));
    }

    private SearchDocument Resource(
        int number, string body, long version = 1, string type = "note", (string Name, string Value)? labels = null) =>
        Document(SearchKind.Resource, number, body, type) with
        {
            Version = version,
            Labels = labels is { } l ? new Dictionary<string, string>(StringComparer.Ordinal) { [l.Name] = l.Value } : new Dictionary<string, string>(StringComparer.Ordinal),
        };

    private SearchDocument Event(int number, string type, string body) =>
        Document(SearchKind.Event, number, body, type) with { Subject = "res_subject" };

    private SearchDocument Document(SearchKind kind, int number, string body, string type) => new()
    {
        Tenant = _tenant,
        Kind = kind,
        Id = IdOf(kind, number),
        Version = 1,
        Type = type,
        Body = body,
        Source = "{}",
        CreatedAt = Time.AddMinutes(number),
        UpdatedAt = Time.AddMinutes(number),
    };

    /// <summary>Different for every test's tenant, and the number in it.</summary>
    private Guid IdOf(SearchKind kind, int number) => Guid.Parse($"{_tenant.ToString()[..24]}{(int)kind:x1}{number:x11}");

    private static IEnumerable<int> Numbers(IReadOnlyList<SearchHit> hits) =>
        hits.Select(h => Convert.ToInt32(h.Document.Id.ToString()[^8..], 16));

    private static SearchPosition After(SearchHit hit) => new(hit.Score, hit.Document.UpdatedAt, hit.Document.Id, Fuzzy: false);

    private SearchQuery Query(
        string? typed, string? type = null, IReadOnlyList<KeyValuePair<string, string>>? labels = null, int limit = 50, IReadOnlyList<SearchKind>? kinds = null) =>
        new(_tenant, kinds ?? [SearchKind.Resource], typed is null ? null : SearchText.Parse(typed), type, labels ?? [], limit);

    private async Task<IReadOnlyList<SearchHit>> FindAsync(
        string? typed, string? type = null, IReadOnlyList<KeyValuePair<string, string>>? labels = null, IReadOnlyList<SearchKind>? kinds = null) =>
        (await Index.QueryAsync(Query(typed, type, labels, kinds: kinds), default)).Hits;

    private async Task ApplyAsync(params SearchDocument[] documents)
    {
        await using var connection = await ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await Index.ApplyAsync(documents, connection, default);
        await transaction.CommitAsync();
        await SettleAsync();
    }
}
