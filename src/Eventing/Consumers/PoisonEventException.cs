namespace Platform.Eventing.Consumers;

/// <summary>
/// Thrown by a handler that knows that no further attempt can help (the data is not what it must be): the event goes to the dead
/// letters at once and its key goes on. Never for what time may mend.
/// </summary>
public sealed class PoisonEventException(string reason, Exception? inner = null) : Exception(reason, inner);
