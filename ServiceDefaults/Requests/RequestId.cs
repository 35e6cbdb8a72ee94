using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Platform.Contracts.Identifiers;

namespace Platform.ServiceDefaults.Requests;

/// <summary>
/// Every answer carries <c>X-Request-Id</c>: the caller's when it is 1 to 128 characters of <c>[A-Za-z0-9._:-]</c>, a new one otherwise.
/// </summary>
public static class RequestId
{
    private const string Header = "X-Request-Id";
    private const int MaxLength = 128;

    /// <summary>The request's activity carries the id, so that traces and log lines name it.</summary>
    internal const string Tag = "platform.request_id";

    /// <summary>The request's id.</summary>
    public static string Of(HttpContext http) => http.TraceIdentifier;

    internal static void UseRequestIds(this IApplicationBuilder app, TimeProvider clock) =>
        app.Use((http, next) =>
        {
            var given = http.Request.Headers[Header].ToString();
            http.TraceIdentifier = IsAcceptable(given) ? given : TypeId.Format(IdPrefix.Request, TypeId.New(clock));
            http.Response.Headers[Header] = http.TraceIdentifier;
            Activity.Current?.SetTag(Tag, http.TraceIdentifier);
            return next(http);
        });

    private static bool IsAcceptable(string id)
    {
        if (id.Length is 0 or > MaxLength)
        {
            return false;
        }

        foreach (var c in id)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or ':' or '-'))
            {
                return false;
            }
        }

        return true;
    }
}
