using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Http;
using Platform.ServiceDefaults.Grpc.Wire;
using Platform.ServiceDefaults.Requests;

namespace Platform.ServiceDefaults.Grpc.Transcoding;

/// <summary>Makes the request of a route out of a message.</summary>
internal sealed class RouteRequest
{
    private const string IfVersion = "if_version";
    private const string Clear = "clear";
    private const string Fields = "fields";
    private static readonly JsonWriterOptions Writing = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
    private readonly string _verb;
    private readonly string[] _literals;
    private readonly FieldDescriptor[] _pathFields;
    private readonly FieldDescriptor? _ifVersion;
    private readonly FieldDescriptor? _clear;
    private readonly MessageShape _shape;
    private readonly FieldShape[] _rest;
    private readonly bool _hasBody;
    private readonly Dictionary<string, string> _fieldsOfParameters = new(StringComparer.Ordinal);

    public RouteRequest(MessageDescriptor message, string verb, string path)
    {
        _verb = verb;
        var parts = path.Split('{', '}');
        _literals = [.. parts.Where((_, i) => i % 2 == 0)];
        _pathFields = [.. parts.Where((_, i) => i % 2 == 1).Select(name => message.FindFieldByName(name) ?? throw new ArgumentException($"{message.FullName} has no field '{name}'.", nameof(path)))];
        _ifVersion = message.FindFieldByName(IfVersion);
        _shape = MessageShape.Of(message);
        var inQuery = HttpMethods.IsGet(verb) || HttpMethods.IsDelete(verb);
        _clear = inQuery ? null : message.FindFieldByName(Clear);
        _rest = [.. _shape.Fields.Where(f => f.Descriptor != _ifVersion && f.Descriptor != _clear && !_pathFields.Contains(f.Descriptor))];
        _hasBody = !inQuery && _rest.Length > 0;
        foreach (var field in inQuery ? _rest : [])
        {
            _fieldsOfParameters[ParameterOf(field)] = field.Name;
        }
    }

    /// <summary>The field that a parameter of the query came from: <c>types</c> of <c>type</c>.</summary>
    public string FieldOf(string parameter) => _fieldsOfParameters.GetValueOrDefault(parameter, parameter);

    /// <summary>Fills the request; the body is written to <paramref name="body"/>.</summary>
    /// <exception cref="GrpcException">A value has no counterpart in JSON.</exception>
    public void Write(IMessage message, RequestFeatures request, PooledBuffer body)
    {
        request.Method = _verb;
        request.Path = PathOf(message);
        if (_ifVersion is not null && _ifVersion.Accessor.HasValue(message))
        {
            request.Headers.IfMatch = ETag.Of((long)_ifVersion.Accessor.GetValue(message));
        }

        if (_hasBody)
        {
            WriteBody(message, body);
            request.Headers.ContentType = "application/json";
            request.Headers.ContentLength = body.Length;
        }
        else if (_rest.Length > 0)
        {
            request.QueryString = QueryOf(message);
        }
    }

    private string PathOf(IMessage message)
    {
        if (_pathFields.Length == 0)
        {
            return _literals[0];
        }

        var path = new StringBuilder(_literals[0]);
        for (var i = 0; i < _pathFields.Length; i++)
        {
            var value = Convert.ToString(_pathFields[i].Accessor.GetValue(message), CultureInfo.InvariantCulture)!;
            if (value.Length == 0)
            {
                throw InvalidInput.Of(_pathFields[i].Name, "required", $"'{_pathFields[i].Name}' is required.");
            }

            // What cannot be the name of anything could be the path of another route: it becomes a name that nothing has, and the route says so.
            path.Append(value.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.') ? value : "-").Append(_literals[i + 1]);
        }

        return path.ToString();
    }

    private void WriteBody(IMessage message, PooledBuffer body)
    {
        using var json = new Utf8JsonWriter(body, Writing);
        json.WriteStartObject();
        ProtoJson.WriteFields(json, message, _rest);
        if (_clear is not null)
        {
            foreach (string name in (IEnumerable)_clear.Accessor.GetValue(message))
            {
                json.WriteNull(name);
            }
        }

        json.WriteEndObject();
    }

    private string QueryOf(IMessage message)
    {
        var query = new StringBuilder();
        void Add(string name, string value) => query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));

        foreach (var field in _rest)
        {
            var accessor = field.Descriptor.Accessor;
            if (field.Descriptor.IsMap)
            {
                foreach (DictionaryEntry entry in (IDictionary)accessor.GetValue(message))
                {
                    var name = (string)entry.Key;
                    if (name.Contains(':', StringComparison.Ordinal))
                    {
                        // In a query the name ends at the first colon: another label would be looked for.
                        throw InvalidInput.Of(field.Name, "invalid_format", "A list cannot be asked for a name with a colon.");
                    }

                    Add(ParameterOf(field), $"{name}:{entry.Value}");
                }
            }
            else if (field.Descriptor.IsRepeated)
            {
                var list = (IList)accessor.GetValue(message);
                if (field.Name == Fields)
                {
                    if (list.Count > 0)
                    {
                        Add(field.Name, string.Join(',', list.Cast<string>()));
                    }
                }
                else
                {
                    foreach (string item in list)
                    {
                        Add(ParameterOf(field), item);
                    }
                }
            }
            else if (field.IsSet(message))
            {
                Add(field.Name, TextOf(field, accessor.GetValue(message)));
            }
        }

        return query.ToString();
    }

    /// <summary>One of several goes by the singular: <c>type</c> of <c>types</c>.</summary>
    private static string ParameterOf(FieldShape field) =>
        field.Descriptor.IsRepeated && field.Name != Fields ? field.Name.TrimEnd('s') : field.Name;

    private static string TextOf(FieldShape field, object value) => value switch
    {
        string text => text,
        bool flag => flag ? "true" : "false",
        Timestamp time => ProtoJson.TimeOf(time) ?? throw InvalidInput.Of(field.Name, "out_of_range", $"'{field.Name}' is no time."),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new NotSupportedException($"A {value.GetType()} in a query."),
    };
}
