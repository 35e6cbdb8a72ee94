using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Platform.Testing;

/// <summary>What every caller of the API does, in words.</summary>
public static class HttpCalls
{
    /// <summary>A JSON body as it is, also where it is no JSON; headers whose value is null are left out.</summary>
    public static async Task<HttpResponseMessage> SendJsonAsync(
        this HttpClient client, HttpMethod method, string path, string? body = null, params (string Name, string? Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        foreach (var (name, value) in headers)
        {
            if (value is not null)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return await client.SendAsync(request);
    }

    /// <summary>The answer's JSON; null's where it has none.</summary>
    public static async Task<Document> DocumentAsync(this HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        return new(text, JsonDocument.Parse(text.Length == 0 ? "null" : text).RootElement);
    }

    /// <summary>What is at the path, which must be there.</summary>
    public static async Task<Document> GetDocumentAsync(this HttpClient client, string path)
    {
        using var response = await client.GetAsync(path);
        var document = await response.DocumentAsync();
        Assert.True((int)response.StatusCode == 200, $"{path}: {(int)response.StatusCode} {document.Text}");
        return document;
    }
}

/// <summary>A JSON answer and its text.</summary>
public sealed record Document(string Text, JsonElement Json)
{
    public string Id => Json.GetProperty("id").GetString()!;
    public string State => Json.GetProperty("state").GetString()!;
    public JsonElement this[string name] => Json.GetProperty(name);
}
