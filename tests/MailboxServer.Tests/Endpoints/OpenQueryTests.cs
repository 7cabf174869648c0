using Mailbox.Contracts;
using Mailbox.Endpoints;
using Mailbox.Mailboxes;
using MailboxServer.Tests.Mailboxes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace MailboxServer.Tests.Endpoints;

public class OpenQueryTests
{
    private static readonly string Cursor7 = Sample.CursorAt(7).ToString();

    [Fact]
    public void Read_Nothing_Defaults()
    {
        var options = Read("");
        options.IsShared.ShouldBeFalse();
        options.Ack.ShouldBe(AckMode.None);
        options.Window.ShouldBe(100);
        options.Start.ShouldBe(StartAt.Oldest);
        options.Receiver.IsNone.ShouldBeTrue();
        options.MaxBatch.ShouldBe(100);
    }

    [Fact]
    public void Read_EveryOption_Taken()
    {
        var options = Read($"mode=receiver&ack=client&window=7&receiver=0123456789abcdef&after={Cursor7}");
        options.IsShared.ShouldBeFalse();
        options.Ack.ShouldBe(AckMode.Client);
        options.Window.ShouldBe(7);
        options.Receiver.ShouldBe(new Identifier(0x0123456789ABCDEF));
        options.Start.ShouldBe(StartAt.Cursor);
        options.Cursor.ShouldBe(Sample.CursorAt(7));
    }

    [Fact]
    public void Read_Shared_NeverAcknowledges()
    {
        Read("mode=shared").ShouldBe(new OpenOptions { IsShared = true });
        Read("mode=shared&ack=none").Ack.ShouldBe(AckMode.None);
        Read("mode=shared", OpenTransport.LongPoll).Ack.ShouldBe(AckMode.None);
        ShouldRefuse("mode=shared&ack=client", "ack");
    }

    [Fact]
    public void Read_LongPoll_AcknowledgesByItsNextPollAndHasALimit()
    {
        var options = Read("limit=20", OpenTransport.LongPoll);
        options.Ack.ShouldBe(AckMode.Client);
        options.MaxBatch.ShouldBe(20);
        Read("", OpenTransport.LongPoll).MaxBatch.ShouldBe(100);
        Read("ack=none", OpenTransport.LongPoll).Ack.ShouldBe(AckMode.None);
        Read("limit=1000", OpenTransport.LongPoll).Window.ShouldBe(1_000, "a poll's limit is its window");
        Read("limit=1000&window=5", OpenTransport.LongPoll).Window.ShouldBe(5);
        Read("limit=20").MaxBatch.ShouldBe(100, "a stream has no limit");
    }

    [Theory]
    [InlineData("Ndjson")]
    [InlineData("WebSocket")]
    [InlineData("Sse")]
    public void Read_Stream_AcknowledgesOnlyWhenItSaysSo(string transport)
    {
        Read("", Enum.Parse<OpenTransport>(transport)).Ack.ShouldBe(AckMode.None);
        Read("ack=client", Enum.Parse<OpenTransport>(transport)).Ack.ShouldBe(AckMode.Client);
    }

    [Theory]
    [InlineData("mode=", "mode")]
    [InlineData("mode=Shared", "mode")]
    [InlineData("mode=watch", "mode")]
    [InlineData("mode=shared&mode=shared", "mode")]
    [InlineData("ack=", "ack")]
    [InlineData("ack=CLIENT", "ack")]
    [InlineData("ack=1", "ack")]
    [InlineData("ack=none&ack=client", "ack")]
    [InlineData("window=", "window")]
    [InlineData("window=0", "window")]
    [InlineData("window=1001", "window")]
    [InlineData("window=-1", "window")]
    [InlineData("window=%2B1", "window")]
    [InlineData("window=1.0", "window")]
    [InlineData("window=1e2", "window")]
    [InlineData("window=0x10", "window")]
    [InlineData("window=%201", "window")]
    [InlineData("window=7%00", "window")]
    [InlineData("window=99999999999999999999", "window")]
    [InlineData("window=%D9%A3", "window")]
    [InlineData("window=1&window=2", "window")]
    [InlineData("receiver=", "receiver")]
    [InlineData("receiver=0123456789ABCDEF", "receiver")]
    [InlineData("receiver=0000000000000000", "receiver")]
    [InlineData("receiver=0123456789abcde", "receiver")]
    [InlineData("receiver=1%00%00%00%00%00%00%00%00%00%00%00%00%00%00%00", "receiver")]
    [InlineData("receiver=0123456789abcdef&receiver=0123456789abcdef", "receiver")]
    [InlineData("after=now&after=now", "after")]
    public void Read_NotWhatTheParameterTakes_ProblemThatNamesIt(string query, string parameter) => ShouldRefuse(query, parameter);

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=1001")]
    [InlineData("limit=all")]
    public void Read_LongPollsLimitOutOfRange_ProblemThatNamesIt(string query) =>
        ShouldRefuse(query, "limit", OpenTransport.LongPoll);

    [Fact]
    public void Read_AfterNow_OnlyWhatComes() => Read("after=now").Start.ShouldBe(StartAt.Now);

    [Theory]
    [InlineData("")]
    [InlineData("NOW")]
    [InlineData("0")]
    [InlineData("null")]
    [InlineData("undefined")]
    public void Read_AfterNotACursor_Problem(string text)
    {
        var problem = Given.ProblemOf(() => Read(Given.Escaped("after", text)));
        problem.Status.ShouldBe(400);
        problem.Type.ShouldBe(ProblemTypes.InvalidCursor);
    }

    [Fact]
    public void Read_MessageIdAsCursor_ProblemThatSaysSo()
    {
        var problem = Given.ProblemOf(() => Read("after=0123456789abcdef-7"));
        problem.Type.ShouldBe(ProblemTypes.InvalidCursor);
        problem.Detail.ShouldNotBeNull().ShouldStartWith("This is a message's id.");
        Given.ProblemOf(() => Read("after=junk")).Detail.ShouldNotBeNull().ShouldNotContain("message's id");
    }

    [Fact]
    public void Read_LastEventId_BeatsAfter()
    {
        // An EventSource keeps the URL that it was made with.
        var http = Given.Request($"after={Sample.CursorAt(3)}");
        http.Request.Headers["Last-Event-ID"] = Cursor7;
        OpenQuery.Read(http, OpenTransport.Sse).Cursor.ShouldBe(Sample.CursorAt(7));

        http = Given.Request("after=now");
        http.Request.Headers["Last-Event-ID"] = Cursor7;
        OpenQuery.Read(http, OpenTransport.Sse).Start.ShouldBe(StartAt.Cursor);
    }

    [Fact]
    public void Read_EmptyLastEventId_IsNone()
    {
        var http = Given.Request($"after={Cursor7}");
        http.Request.Headers["Last-Event-ID"] = "";
        OpenQuery.Read(http, OpenTransport.Sse).Cursor.ShouldBe(Sample.CursorAt(7));
    }

    [Fact]
    public void Read_LastEventIdTwice_Problem()
    {
        var http = Given.Request();
        http.Request.Headers["Last-Event-ID"] = new StringValues([Cursor7, Cursor7]);
        Given.ProblemOf(() => OpenQuery.Read(http, OpenTransport.Sse)).Type.ShouldBe(ProblemTypes.InvalidHeader);
    }

    [Fact]
    public void Read_TerminalCursor_Kept()
    {
        var options = Read($"after={Sample.CursorAt(7) with { IsTerminal = true }}");
        options.Cursor.IsTerminal.ShouldBeTrue();
    }

    [Theory]
    [InlineData("", 25)]
    [InlineData("wait=0", 0)]
    [InlineData("wait=60", 60)]
    public void WaitOf_Seconds_Taken(string query, int seconds) =>
        OpenQuery.WaitOf(Given.Request(query)).ShouldBe(TimeSpan.FromSeconds(seconds));

    [Theory]
    [InlineData("wait=61")]
    [InlineData("wait=-1")]
    [InlineData("wait=")]
    [InlineData("wait=5&wait=5")]
    public void WaitOf_OutOfRange_ProblemThatNamesIt(string query) =>
        ShouldName(Given.ProblemOf(() => OpenQuery.WaitOf(Given.Request(query))), "wait");

    [Theory]
    [InlineData("", false)]
    [InlineData("format=raw", false)]
    [InlineData("format=envelope", true)]
    public void IsEnvelope_Format_Taken(string query, bool expected) => OpenQuery.IsEnvelope(Given.Request(query)).ShouldBe(expected);

    [Theory]
    [InlineData("format=")]
    [InlineData("format=Envelope")]
    [InlineData("format=raw&format=raw")]
    public void IsEnvelope_AnythingElse_ProblemThatNamesIt(string query) =>
        ShouldName(Given.ProblemOf(() => OpenQuery.IsEnvelope(Given.Request(query))), "format");

    private static OpenOptions Read(string query, OpenTransport transport = OpenTransport.Sse) =>
        OpenQuery.Read(Given.Request(query), transport);

    private static void ShouldRefuse(string query, string parameter, OpenTransport transport = OpenTransport.Sse) =>
        ShouldName(Given.ProblemOf(() => Read(query, transport)), parameter);

    private static void ShouldName(Problem problem, string parameter)
    {
        problem.Status.ShouldBe(StatusCodes.Status400BadRequest);
        problem.Type.ShouldBe(ProblemTypes.InvalidParameter);
        problem.Title.ShouldContain($"'{parameter}'");
        problem.Detail.ShouldNotBeNullOrEmpty();
    }
}
