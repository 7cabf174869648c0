using Mailbox.Client.Http;
using Mailbox.Contracts;

namespace Mailbox.Client.Sending;

/// <summary>A message that a <see cref="MailboxSender"/> was given, and who waits for its result.</summary>
internal sealed record Waiting(string Mailbox, ReadOnlyMemory<byte> Body, SendOptions Options, string Key)
    : Outgoing(Mailbox, Body, Options, Key)
{
    private long _accepted;

    public TaskCompletionSource<DeliveryResult> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>When there was room for it; 0 just before that is known.</summary>
    public long Accepted
    {
        get => Volatile.Read(ref _accepted);
        set => Volatile.Write(ref _accepted, value);
    }

    /// <summary>The last answer: a retry replaces it.</summary>
    public DeliverManyResult? Answer { get; set; }

    public MailboxException? Failure =>
        Answer is { Status: >= 400 } refused ? Refusals.Of(refused.Status, refused.Type, null, refused.Detail) : null;

    /// <summary>What is final is the result at once: what becomes of the others of its request is nothing to it.</summary>
    public void Take(DeliverManyResult answer)
    {
        Answer = answer;
        if (!MailboxException.IsPassing(answer.Status))
        {
            Settle();
        }
    }

    public void Settle()
    {
        if (Answer is not { } answer)
        {
            return;
        }

        if (answer.Status < 400)
        {
            Result.TrySetResult(new DeliveryResult(answer.Mailbox, answer.Id, answer.Queued, answer.Connected, answer.Expires));
        }
        else
        {
            Result.TrySetException(Failure!);
        }
    }
}
