namespace Mailbox.Client.Receiving;

/// <summary>What one loop is over: one mailbox, or several on one connection. Its disposal ends what runs beside the connection.</summary>
internal interface IReceiving : IAsyncDisposable
{
    /// <summary>That of a receiver of one; null for several.</summary>
    string? Mailbox { get; }

    /// <summary>The most events that wait for the loop.</summary>
    int MostInFlight { get; }

    /// <summary>Whether this connection has opened something.</summary>
    bool IsOpen { get; }

    /// <summary>Why nothing more can come, once what was taken last is handed on.</summary>
    MailboxException? End { get; }

    /// <summary>A connection that goes on where the receiver is.</summary>
    ITransport NewTransport(Uri address);

    /// <returns>Null: nothing for the loop.</returns>
    /// <exception cref="MailboxException">It ends the connection, and if it does not pass the loop.</exception>
    Taken? Take(StreamEvent next, ITransport connection);

    /// <summary>The connection is over.</summary>
    void Pause();

    /// <summary>Until the server has answered the acknowledgement of all that is done with; tries again for this long.</summary>
    Task FlushAsync(TimeSpan time, CancellationToken cancellation);

    /// <summary>At the end of a loop, and after it. What cannot be told is received again; thrown, it would come out of a <c>break</c>.</summary>
    Task TryFlushAsync();

    /// <summary>The loop is over: from here on who acknowledges tells it himself.</summary>
    void Leave();
}

/// <summary>What the loop is to see.</summary>
/// <param name="Seat">Null for what is told also when its mailbox is gone.</param>
/// <param name="Event">The event.</param>
internal readonly record struct Taken(Seat? Seat, MailboxEvent Event);
