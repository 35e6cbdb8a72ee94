using System.Text.Json.Nodes;
using Platform.ServiceDefaults.Problems;

namespace Platform.ServiceDefaults.OpenApi;

/// <summary>An operation of the document: what its description says and what follows from its route.</summary>
/// <param name="Method">In capitals.</param>
/// <param name="Path">With its parameters in braces.</param>
/// <param name="Scope">Null where everybody may call.</param>
internal sealed record OperationJson(Operation Operation, string Method, string Path, string? Scope)
{
    private bool IsWrite => Method is not ("GET" or "HEAD") && Operation.IsIdempotent && Scope is not null;

    public JsonObject ToJson(Components schemas)
    {
        var json = new JsonObject
        {
            ["tags"] = new JsonArray(Operation.Tag),
            ["operationId"] = Operation.Id,
            ["summary"] = Operation.Summary,
            ["description"] = Operation.Description,
            ["security"] = CommonParts.Security(Scope),
        };
        if (Scope is not null)
        {
            json["x-required-scope"] = Scope;
        }

        json["parameters"] = ParametersJson(schemas);
        if (Operation.Body is { } body)
        {
            json["requestBody"] = BodyJson(body, schemas);
        }

        json["responses"] = ResponsesJson(schemas);
        return json;
    }

    private JsonArray ParametersJson(Components schemas)
    {
        var json = new JsonArray([.. Operation.Parameters.Select(p => (JsonNode)CommonParts.ParameterJson(p, schemas))]);
        if (IsWrite)
        {
            json.Add((JsonNode)CommonParts.ParameterReference("IdempotencyKey"));
        }

        if (Operation.Heeds.HasFlag(Heeds.IfMatch))
        {
            json.Add((JsonNode)CommonParts.ParameterReference("IfMatch"));
        }

        if (Operation.Heeds.HasFlag(Heeds.IfNoneMatch))
        {
            json.Add((JsonNode)CommonParts.ParameterReference("IfNoneMatch"));
        }

        json.Add((JsonNode)CommonParts.ParameterReference("RequestId"));
        return json;
    }

    private static JsonObject BodyJson(RequestBody body, Components schemas) => new()
    {
        ["required"] = body.IsRequired,
        ["description"] = body.Schema.Description,
        ["content"] = new JsonObject(body.MediaTypes.Select(m => KeyValuePair.Create(m, (JsonNode?)Content(body.Schema, body.Examples, schemas)))),
    };

    private static JsonObject Content(Schema schema, IReadOnlyList<(string Name, string Json)> examples, Components schemas)
    {
        var json = new JsonObject { ["schema"] = schema.ToJson(schemas) };
        if (examples.Count > 0)
        {
            json["examples"] = new JsonObject(examples.Select(e => KeyValuePair.Create(e.Name, (JsonNode?)new JsonObject { ["value"] = JsonNode.Parse(e.Json) })));
        }
        else if (schema.Example is { } example)
        {
            json["example"] = example.DeepClone();
        }

        return json;
    }

    private JsonObject ResponsesJson(Components schemas)
    {
        var responses = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var answer in Operation.Answers)
        {
            responses[answer.Status.ToString()] = AnswerJson(answer, schemas);
        }

        if (IsWrite && Operation.Answers.FirstOrDefault(a => a.Status == 201) is { } created)
        {
            responses.TryAdd("200", AnswerJson(created with { Description = "The answer of an earlier request with the same `Idempotency-Key`, which was 201." }, schemas));
        }

        if (Operation.Heeds.HasFlag(Heeds.IfNoneMatch))
        {
            responses["304"] = AnswerJson(new(304, "The caller has the current version.") { HasETag = true, Headers = Operation.Answers[0].Headers }, schemas);
        }

        foreach (var group in Problems().GroupBy(p => p.Status))
        {
            responses[group.Key.ToString()] = CommonParts.FailureJson(
                Describe(group.Key, [.. group]), [.. group], schemas, Scope is not null, IsWrite && group.Key is not (400 or 413 or 415 or 422));
        }

        foreach (var (status, name) in Failures())
        {
            responses.TryAdd(status, CommonParts.FailureReference(name));
        }

        return new(responses.Select(r => KeyValuePair.Create(r.Key, (JsonNode?)r.Value)));
    }

    /// <summary>Those that are written here, because they differ from operation to operation.</summary>
    private IEnumerable<Problem> Problems()
    {
        if (Operation.Body is { IsJson: true })
        {
            yield return KnownProblems.MalformedJson("Not valid JSON at line 1, byte 9.");
            yield return KnownProblems.TooDeep(Requests.JsonBody.MaxDepth);
        }

        if (TakesInput)
        {
            yield return KnownProblems.Validation(ExampleFaults());
        }

        if (IsWrite)
        {
            yield return KnownProblems.IdempotencyInProgress();
        }

        if (Operation.Heeds.HasFlag(Heeds.IfMatch))
        {
            yield return KnownProblems.VersionMismatch(3);
        }

        // A route that adds a code to 403, 413, 422 or 429 keeps the common one.
        foreach (var common in Operation.Errors.Select(e => e.Status).Distinct())
        {
            if (common == 403 && Scope is not null)
            {
                yield return KnownProblems.Forbidden(Scope);
            }
            else if (common == 429 && Scope is not null)
            {
                yield return KnownProblems.RateLimited(1);
            }
            else if (common == 422 && IsWrite)
            {
                yield return KnownProblems.IdempotencyKeyReused();
            }
            else if (common == 413 && Operation.Body is { IsJson: true })
            {
                yield return KnownProblems.BodyTooLarge(Requests.JsonBody.MaxBytes);
            }
        }

        foreach (var problem in Operation.Errors)
        {
            yield return problem;
        }
    }

    private bool TakesInput => Operation.Body is not null || IsWrite || Operation.Heeds.HasFlag(Heeds.IfMatch) || Operation.Parameters.Any(p => p.In != "path");

    private IReadOnlyList<InputError> ExampleFaults()
    {
        if (Operation.Body?.Schema.Fields.FirstOrDefault(f => f.IsRequired) is { } required)
        {
            return [new("/" + required.Name, "required", $"'{required.Name}' is required."), new("/colour", "unknown_field", "'colour' is not a field of this request.")];
        }

        if (Operation.Body is { IsJson: true })
        {
            return [new("/colour", "unknown_field", "'colour' is not a field of this request.")];
        }

        return Operation.Parameters.Any(p => p.Name == "limit")
            ? [new("limit", "out_of_range", "'limit' is out of its range.")]
            : Operation.Parameters.FirstOrDefault(p => p.In == "query") is { } query
                ? [new(query.Name, "invalid_value", $"'{query.Name}' is not valid.")]
                : KnownProblems.IdempotencyKeyInvalid().Errors;
    }

    private string Describe(int status, IReadOnlyList<Problem> problems)
    {
        var text = status == 400
            ? "The request is not valid; nothing was changed."
            : string.Join(" ", problems.DistinctBy(p => p.Code).Select(p => p.Title + ".").Distinct(StringComparer.Ordinal));
        return status == 400 && Operation.InputCodes.Count > 0
            ? $"{text} Beside the common codes, `errors` can hold {string.Join(", ", Operation.InputCodes.Select(c => $"`{c}`"))}."
            : text;
    }

    /// <summary>Those that are the same everywhere.</summary>
    private IEnumerable<(string Status, string Name)> Failures()
    {
        if (Scope is not null)
        {
            yield return ("401", "Unauthenticated");
            yield return ("403", "Forbidden");
            yield return ("429", "RateLimited");
        }

        if (Operation.Body is { IsJson: true })
        {
            yield return ("413", "TooLarge");
            yield return ("415", "UnsupportedMediaType");
        }

        if (IsWrite)
        {
            yield return ("422", "IdempotencyKeyReused");
        }

        yield return ("500", "InternalError");
        if (Scope is not null)
        {
            yield return ("503", "Unavailable");
        }
    }

    private JsonObject AnswerJson(Answer answer, Components schemas)
    {
        var headers = new JsonObject { ["X-Request-Id"] = CommonParts.HeaderReference("RequestId") };
        if (Scope is not null)
        {
            headers["RateLimit"] = CommonParts.HeaderReference("RateLimit");
            headers["RateLimit-Policy"] = CommonParts.HeaderReference("RateLimitPolicy");
        }

        if (IsWrite)
        {
            headers["Idempotency-Replayed"] = CommonParts.HeaderReference("IdempotencyReplayed");
        }

        if (answer.HasETag)
        {
            headers["ETag"] = CommonParts.HeaderReference("ETag");
        }

        if (answer.HasLocation)
        {
            headers["Location"] = CommonParts.HeaderReference("Location");
        }

        foreach (var (name, description) in answer.Headers)
        {
            headers[name] = CommonParts.Header(Schema.Text(description, 2048), schemas);
        }

        var json = new JsonObject { ["description"] = answer.Description, ["headers"] = headers };
        if (answer.Schema is { } schema)
        {
            json["content"] = new JsonObject { [answer.MediaType] = Content(schema, [], schemas) };
        }

        return json;
    }
}
