using Mailbox.Faults.Histories;

namespace Mailbox.Faults.Checking.Rules;

/// <summary>Nothing is left over.</summary>
internal sealed class ResidueRule : IRule
{
    public IEnumerable<Violation> Check(Run run, CheckLimits limits) =>
        run.History.OfType<Residue>().Select(residue => new Violation("residue", $"{residue.Kind}: {residue.Detail}", residue.Index));
}
