using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Resources;

/// <summary>What a list of resources asks for, checked.</summary>
internal sealed record ListQuery
{
    public const int MaxLabels = 10;
    public static readonly string[] Sorts = ["created_at", "-created_at", "updated_at", "-updated_at"];

    public bool IsDescending { get; private init; }

    /// <summary>By time of change; otherwise by time of creation, which is the order of ids.</summary>
    public bool IsByUpdate { get; private init; }
    public string? Type { get; private init; }

    /// <summary>Names of labels with their values; null for any value.</summary>
    public IReadOnlyList<(string Name, string? Value)> Labels { get; private init; } = [];
    public DateTimeOffset? CreatedAfter { get; private init; }
    public DateTimeOffset? CreatedBefore { get; private init; }
    public DateTimeOffset? UpdatedAfter { get; private init; }
    public bool Deleted { get; private init; }
    public IReadOnlySet<string>? Fields { get; private init; }
    public int Limit { get; private init; }

    /// <summary>Where the page before ended.</summary>
    public (DateTimeOffset UpdatedAt, Guid Id)? After { get; private init; }

    /// <summary>Of this order and these filters: a cursor is good for the list that it came from and for no other.</summary>
    private string ListName { get; init; } = "";

    public static (ListQuery? Query, Problem? Problem) Read(HttpContext http)
    {
        var given = http.Request.Query;
        var errors = new List<InputError>();
        var sort = given.TryGetValue("sort", out var s) ? s.ToString() : Sorts[0];
        if (!Sorts.Contains(sort, StringComparer.Ordinal))
        {
            errors.Add(new("sort", "invalid_value", $"'sort' is one of {string.Join(", ", Sorts)}."));
        }

        var deleted = given.TryGetValue("deleted", out var d) ? d.ToString() : "false";
        if (deleted is not ("true" or "false"))
        {
            errors.Add(new("deleted", "invalid_value", "'deleted' is true or false."));
        }

        var type = given.TryGetValue("type", out var t) ? t.ToString() : null;
        if (type is not null && !ResourceInput.IsType(type))
        {
            errors.Add(new("type", "invalid_format", ResourceInput.NoType("type")));
        }

        var query = new ListQuery
        {
            IsDescending = sort.StartsWith('-'), IsByUpdate = sort.EndsWith("updated_at", StringComparison.Ordinal), Type = type,
            Labels = ReadLabels(given["label"], errors), CreatedAfter = Time("created_after"), CreatedBefore = Time("created_before"),
            UpdatedAfter = Time("updated_after"), Deleted = deleted == "true",
        };
        var (fields, badFields) = FieldSelection.Read(http, query.Deleted ? Resource.DeletedFieldNames : Resource.FieldNames);
        var name = "resources." + query.Digest();
        var (page, badPage) = Page.Read(http, name, parts: 2);
        (DateTimeOffset, Guid)? after = null;
        if (page.After is { } parts && (after = ReadPosition(parts)) is null)
        {
            badPage = KnownProblems.InvalidCursor();
        }

        errors.AddRange([.. badFields?.Errors ?? [], .. badPage?.Errors ?? []]);
        return errors.Count == 0
            ? (query with { Fields = fields, Limit = page.Limit, After = after, ListName = name }, null)
            : (null, KnownProblems.Validation(errors));

        DateTimeOffset? Time(string parameter)
        {
            DateTimeOffset time = default;
            if (given.TryGetValue(parameter, out var text) && !Rfc3339.TryParse(text, out time))
            {
                errors.Add(new(parameter, "wrong_type", $"'{parameter}' must be an RFC 3339 time such as 2026-01-31T12:00:00Z."));
            }

            return time == default ? null : time;
        }
    }

    /// <summary>The cursor after a resource of this list.</summary>
    public string CursorAfter(Resource resource) =>
        Page.Encode(ListName, resource.UpdatedAt.UtcTicks.ToString(CultureInfo.InvariantCulture), resource.PublicId);

    private static (DateTimeOffset, Guid)? ReadPosition(IReadOnlyList<string> parts) =>
        long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && ticks <= DateTimeOffset.MaxValue.Ticks
            && TypeId.TryParse(IdPrefix.Resource, parts[1], out var id)
            ? (new DateTimeOffset(ticks, TimeSpan.Zero), id)
            : null;

    private static List<(string, string?)> ReadLabels(IReadOnlyList<string?> given, List<InputError> errors)
    {
        var labels = new List<(string, string?)>();
        foreach (var label in given)
        {
            var separator = label!.IndexOf(':', StringComparison.Ordinal);
            var name = separator < 0 ? label : label[..separator];
            if (name.Length == 0 || label.Contains('\0', StringComparison.Ordinal))
            {
                errors.Add(new("label", "invalid_format", "'label' must be name:value, or a name alone for any value."));
            }
            else
            {
                labels.Add((name, separator < 0 ? null : label[(separator + 1)..]));
            }
        }

        if (labels.Count > MaxLabels)
        {
            errors.Add(new("label", "too_many", $"'label' may be given {MaxLabels} times."));
        }

        return labels;
    }

    private string Digest()
    {
        string[] parts =
        [
            $"{IsByUpdate} {IsDescending} {Deleted} {Type}", $"{CreatedAfter:O} {CreatedBefore:O} {UpdatedAfter:O}",
            .. Labels.Select(l => l.Value is null ? l.Name : l.Name + ":" + l.Value).Order(StringComparer.Ordinal),
        ];
        return Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts))).AsSpan(0, 12));
    }
}
