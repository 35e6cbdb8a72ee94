namespace Platform.Contracts.Events;

/// <summary>
/// Something that happened. The wire name is explicit and never a type's name; a change that readers cannot ignore
/// is a new event with a new name (<c>resource.created.v2</c>), never a new meaning of an old one.
/// </summary>
public interface IEvent
{
    /// <summary>Wire name, past tense: <c>resource.created</c>.</summary>
    static abstract string EventType { get; }

    /// <summary>The topic that carries it.</summary>
    static abstract Topic Topic { get; }
}
