namespace Mailbox.Faults.Checking;

/// <summary>What should not have happened.</summary>
/// <param name="Rule">The rule's short name, the same in every run.</param>
/// <param name="Text">For a person: names the mailbox, the payload and the ids.</param>
/// <param name="Index">The event in the history at which it showed.</param>
public sealed record Violation(string Rule, string Text, long Index)
{
    public override string ToString() => $"[{Index}] {Rule}: {Text}";
}
