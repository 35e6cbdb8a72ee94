using System.Text.Json;
using Platform.Contracts.Events;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Outbox;
using Platform.ServiceDefaults.Authentication.Keys;
using Platform.ServiceDefaults.Requests;

namespace Platform.Auth.ApiKeys;

/// <summary>An API key without its text.</summary>
/// <param name="Hint">Enough of the text to recognise a key by, too little to use it.</param>
/// <param name="CreatedBy">The key that made it; null for the first one.</param>
internal sealed record ApiKey(
    Guid Id, string Name, string Role, string[] Scopes, int? RateLimit, string Hint, byte[] SecretHash, string? CreatedBy,
    DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt, long Version)
{
    public static readonly IReadOnlySet<string> FieldNames = new HashSet<string>(StringComparer.Ordinal)
    {
        "id", "name", "role", "scopes", "rate_limit", "hint", "created_by", "created_at", "expires_at", "revoked_at", "version",
    };

    public string PublicId { get; } = TypeId.Format(IdPrefix.ApiKey, Id);

    public string Location => "/v1/api-keys/" + PublicId;

    /// <summary>A new key and its text, which exists nowhere else.</summary>
    public static (ApiKey Key, string Text) New(
        string environment, string name, string role, string[] scopes, int? rateLimit, DateTimeOffset? expiresAt, string? actor, TimeProvider clock)
    {
        var id = TypeId.New(clock);
        var text = ApiKeyText.Create(environment, id);
        var hash = new byte[ApiKeyText.HashLength];
        ApiKeyText.Hash(text, hash);
        var hint = $"{text[..8]}...{text[^4..]}";
        return (new(id, name, role, scopes, rateLimit, hint, hash, actor, Rfc3339.Now(clock), expiresAt, RevokedAt: null, Version: 1), text);
    }

    public bool Works(DateTimeOffset now) => RevokedAt is null && (ExpiresAt is null || now < ExpiresAt);

    /// <summary>The event that carries this state to every service.</summary>
    public OutboxMessage Changed(Guid tenant, string change, string? actor, TimeProvider clock) =>
        OutboxMessage.Create("auth", tenant, PublicId, new ApiKeyChanged
        {
            Id = PublicId,
            Name = Name,
            SecretHash = Convert.ToBase64String(SecretHash),
            Role = Role,
            Scopes = Scopes,
            RateLimit = RateLimit,
            ExpiresAt = ExpiresAt,
            RevokedAt = RevokedAt,
            Version = Version,
            Change = change,
            Actor = actor,
        }, clock);

    /// <summary>The document of the API.</summary>
    /// <param name="text">The key itself, in the one answer that shows it.</param>
    public byte[] ToJson(string? text = null) => FieldSelection.Write((json, fields) => WriteTo(json, fields, text), fields: null);

    public void WriteTo(Utf8JsonWriter json, IReadOnlySet<string>? fields) => WriteTo(json, fields, text: null);

    private void WriteTo(Utf8JsonWriter json, IReadOnlySet<string>? fields, string? text)
    {
        void Write(string name, string? value)
        {
            if (fields is null || fields.Contains(name))
            {
                json.WriteString(name, value);
            }
        }

        json.WriteStartObject();
        Write("id", PublicId);
        Write("name", Name);
        Write("role", Role);
        if (fields is null || fields.Contains("scopes"))
        {
            json.WriteStartArray("scopes");
            foreach (var scope in Scopes)
            {
                json.WriteStringValue(scope);
            }

            json.WriteEndArray();
        }

        if (fields is null || fields.Contains("rate_limit"))
        {
            json.WritePropertyName("rate_limit");
            JsonSerializer.Serialize(json, RateLimit);
        }

        Write("hint", Hint);
        Write("created_by", CreatedBy);
        Write("created_at", Rfc3339.Format(CreatedAt));
        Write("expires_at", ExpiresAt is { } expires ? Rfc3339.Format(expires) : null);
        Write("revoked_at", RevokedAt is { } revoked ? Rfc3339.Format(revoked) : null);
        if (fields is null || fields.Contains("version"))
        {
            json.WriteNumber("version", Version);
        }

        if (text is not null)
        {
            json.WriteString("key", text);
        }

        json.WriteEndObject();
    }
}
