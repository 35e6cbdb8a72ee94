using System.Collections.Concurrent;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Platform.ServiceDefaults.Grpc.Transcoding;

/// <summary>A field of a message as the mapping needs it: looked at once, not at every call.</summary>
internal sealed class FieldShape(FieldDescriptor descriptor)
{
    private MessageShape? _message;

    public FieldDescriptor Descriptor { get; } = descriptor;
    public string Name { get; } = descriptor.Name;
    public byte[] Utf8Name { get; } = Encoding.UTF8.GetBytes(descriptor.Name);
    public FieldType Type { get; } = descriptor.FieldType;
    public bool IsMap { get; } = descriptor.IsMap;
    public bool IsList { get; } = descriptor is { IsRepeated: true, IsMap: false };

    /// <summary>Of a field that is a message.</summary>
    public MessageShape Message => _message ??= MessageShape.Of(Descriptor.MessageType);

    /// <summary>Of a single field: given, or, where the language cannot tell, not its default.</summary>
    public bool IsSet(IMessage message) =>
        Descriptor.HasPresence
            ? Descriptor.Accessor.HasValue(message)
            : Descriptor.Accessor.GetValue(message) switch
            {
                string text => text.Length > 0,
                bool flag => flag,
                ByteString bytes => !bytes.IsEmpty,
                int number => number != 0,
                long number => number != 0,
                double number => number != 0,
                { } other => Convert.ToDouble(other) != 0,
            };
}

/// <summary>A message type's fields.</summary>
internal sealed class MessageShape
{
    private static readonly ConcurrentDictionary<MessageDescriptor, MessageShape> Known = new();
    private readonly MessageParser _parser;

    private MessageShape(MessageDescriptor descriptor)
    {
        FullName = descriptor.FullName;
        Fields = [.. descriptor.Fields.InDeclarationOrder().Select(f => new FieldShape(f))];
        _parser = descriptor.Parser;
    }

    public string FullName { get; }
    public IReadOnlyList<FieldShape> Fields { get; }

    public static MessageShape Of(MessageDescriptor descriptor) => Known.GetOrAdd(descriptor, static d => new(d));

    public IMessage New() => _parser.ParseFrom(ByteString.Empty);
}
