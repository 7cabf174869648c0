namespace Mailbox.TestKit;

/// <summary>A program that the tests need is not on PATH. A test that meets this fails; it never skips.</summary>
public sealed class MissingToolException(string tool, string remedy)
    : Exception($"The tests need '{tool}', and it is not on PATH. Remedy: {remedy}")
{
    public string Tool { get; } = tool;

    public string Remedy { get; } = remedy;
}
