using Mailbox.Faults.Mutations;
using Mailbox.Faults.Running;
using Mailbox.TestKit;

namespace Mailbox.Faults.Tests;

/// <summary>A change of the server tells at once which mutation it broke, not the next long run.</summary>
public sealed class MutationTests
{
    public static TheoryData<string> Names { get; } = [.. Mutations.Mutations.All.Select(mutation => mutation.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_mutation_fits_the_source(string name) =>
        Named(name).ApplyTo(Path.Combine(RepositoryRoot.Path, "src", "MailboxServer")).ShouldNotBeEmpty();

    [Theory]
    [MemberData(nameof(Names))]
    public void A_mutation_is_held_against_faults_that_there_are(string name)
    {
        Named(name).CaughtBy.ShouldNotBeEmpty();
        Named(name).CaughtBy.ShouldBeSubsetOf(Matrix.Faults.Select(fault => fault.Name));
    }

    private static Mutation Named(string name) => Mutations.Mutations.All.Single(mutation => mutation.Name == name);
}
