namespace Mailbox.Client.Http;

/// <summary>The ways to the server. All requests take the same one, until it fails.</summary>
internal sealed class Addresses(IList<Uri> all)
{
    // Clients that start together do not all begin at the first.
    private int _current = Random.Shared.Next(all.Count);

    public Uri Current => all[Volatile.Read(ref _current)];

    /// <summary>This one failed; whoever noticed it too has not gone past the next.</summary>
    public void Leave(Uri failed)
    {
        var current = Volatile.Read(ref _current);
        if (ReferenceEquals(all[current], failed))
        {
            Interlocked.CompareExchange(ref _current, (current + 1) % all.Count, current);
        }
    }
}
