namespace Platform.Eventing.Consumers;

/// <summary>
/// Thrown by a handler that knows that no retry will help: the event contradicts itself or a rule, and always will. It goes to the dead letters
/// with this message as its reason, and its key goes on. Not for what may pass: an outage, a row that is not there yet.
/// </summary>
/// <param name="reason">For the one who finds it among the dead letters: what is wrong, and where.</param>
public sealed class PoisonEventException(string reason, Exception? inner = null) : Exception(reason, inner);
