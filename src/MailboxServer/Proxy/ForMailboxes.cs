using Mailbox.Access;
using Mailbox.Contracts;
using Mailbox.Endpoints;
using Mailbox.Mailboxes;
using Microsoft.Extensions.Primitives;

namespace Mailbox.Proxy;

/// <summary>What the caller gets for an answer that went to mailboxes.</summary>
internal enum CallerGets
{
    /// <summary>What became of it in each mailbox.</summary>
    Results,

    /// <summary>The backend's own answer.</summary>
    Pass,

    /// <summary>Nothing but that it was delivered.</summary>
    Empty,
}

/// <summary>How an answer's body is many messages.</summary>
internal enum Splitting
{
    None,
    Lines,
    Sse,
}

/// <summary>What the headers of a backend's answer say of mailboxes, checked.</summary>
internal sealed record ForMailboxes
{
    private static readonly string[] OfDelivery =
        ["Content-Type", MailboxHeaders.Type, MailboxHeaders.TimeToLive, MailboxHeaders.Topic, MailboxHeaders.IdempotencyKey];

    public required IReadOnlyList<string> Mailboxes { get; init; }

    public required IReadOnlyList<string> Groups { get; init; }

    public int Recipients => Mailboxes.Count + Groups.Count;

    /// <summary>The message, or each of many, without a body.</summary>
    public required Delivery Delivery { get; init; }

    public required Splitting Splitting { get; init; }

    public required CallerGets CallerGets { get; init; }

    public required BodyEncoding Encoding { get; init; }

    /// <summary>Null when the answer is for the caller alone.</summary>
    /// <exception cref="ProblemException">502: a header is not valid, or names what the route may not deliver to.</exception>
    public static ForMailboxes? Of(HttpResponseMessage answer, Caller deliverer, int most)
    {
        var mailboxes = NamesIn(answer, MailboxHeaders.Deliver, name => RequestReader.RefusalOf(deliverer, name, Scope.Deliver), most);
        var groups = NamesIn(answer, MailboxHeaders.DeliverGroup, name => RefusalOfGroup(deliverer, name), most);
        return mailboxes.Count + groups.Count == 0 ? null : Read(answer, mailboxes, groups);
    }

    private static Problem? RefusalOfGroup(Caller deliverer, string name) =>
        !MailboxName.IsValid(name) ? Problem.InvalidName : deliverer.Rights.MayGroup(Scope.Deliver, name) ? null : Problem.NotAllowed;

    private static ForMailboxes Read(HttpResponseMessage answer, IReadOnlyList<string> mailboxes, IReadOnlyList<string> groups)
    {
        var headers = new HeaderDictionary();
        foreach (var name in OfDelivery)
        {
            headers[name] = ValuesOf(answer, name);
        }

        try
        {
            var said = new ForMailboxes
            {
                Mailboxes = mailboxes,
                Groups = groups,
                Delivery = DeliveryHeaders.Read(headers),
                Encoding = EncodedBody.EncodingOf(ValuesOf(answer, "Content-Encoding")),
                Splitting = WordOf(answer, MailboxHeaders.Split, Splitting.None, [("lines", Splitting.Lines), ("sse", Splitting.Sse)]),
                CallerGets = WordOf(
                    answer, MailboxHeaders.Response, CallerGets.Results,
                    [("results", CallerGets.Results), ("pass", CallerGets.Pass), ("empty", CallerGets.Empty)]),
            };
            return said.Splitting != Splitting.None && said.CallerGets == CallerGets.Pass
                ? throw new ProblemException(ProxyProblems.Header(MailboxHeaders.Response, "'pass' is not for a body that is split."))
                : said;
        }
        catch (ProblemException exception) when (exception.Problem.Status != StatusCodes.Status502BadGateway)
        {
            throw new ProblemException(ProxyProblems.Of(exception.Problem));
        }
    }

    /// <summary>Each name once, however often it stands there; all of them are good, or none counts.</summary>
    private static List<string> NamesIn(HttpResponseMessage answer, string header, Func<string, Problem?> refusalOf, int most)
    {
        var names = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in ValuesOf(answer, header).SelectMany(value => (value ?? "").Split(',', StringSplitOptions.TrimEntries)))
        {
            var refusal = refusalOf(name);
            if (refusal is not null)
            {
                throw new ProblemException(refusal == Problem.InvalidName
                    ? ProxyProblems.Header(header, Problem.InvalidName.Detail)
                    : ProxyProblems.DeliveryRefused);
            }

            if (seen.Add(name))
            {
                names.Add(name);
            }
        }

        return names.Count <= most ? names : throw new ProblemException(ProxyProblems.Header(header, $"At most {most} recipients."));
    }

    private static T WordOf<T>(HttpResponseMessage answer, string header, T otherwise, ReadOnlySpan<(string Word, T Value)> words)
    {
        var values = ValuesOf(answer, header);
        if (values.Count == 0)
        {
            return otherwise;
        }

        foreach (var (word, value) in words)
        {
            if (values is [{ } text] && text.Equals(word, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        throw new ProblemException(ProxyProblems.Header(header, "It is none of the words that it may be."));
    }

    /// <summary>As they came: parsing would put right what the rules of a delivery refuse.</summary>
    private static StringValues ValuesOf(HttpResponseMessage answer, string name) =>
        answer.Headers.NonValidated.TryGetValues(name, out var values) ? new StringValues([.. values])
        : answer.Content.Headers.NonValidated.TryGetValues(name, out var ofContent) ? new StringValues([.. ofContent])
        : StringValues.Empty;
}
