namespace Platform.Processing.Templates;

/// <summary>What the templates of a capability may say.</summary>
/// <param name="Allows">Whether such a reference can ever name anything.</param>
/// <param name="Hint">What there is, said to who wrote one that cannot.</param>
/// <param name="MissingIsNull">What is not there becomes null, or no text within text; otherwise it is a fault.</param>
internal sealed record Dialect(Func<Reference, bool> Allows, string Hint, bool MissingIsNull = false);
