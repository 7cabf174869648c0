namespace Mailbox.Faults.Checking.Rules;

internal interface IRule
{
    IEnumerable<Violation> Check(Run run, CheckLimits limits);
}
