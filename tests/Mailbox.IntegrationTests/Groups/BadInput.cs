using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Groups;

/// <summary>What a group's calls refuse, and that nothing is stored then.</summary>
public class BadInput(Cluster cluster)
{
    [Theory]
    [InlineData("PUT", "/v1/groups/.g/members/m", 400, "invalid-name")]
    [InlineData("PUT", "/v1/groups/g/members/.m", 400, "invalid-name")]
    [InlineData("PUT", "/v1/groups/~g/members/m", 403, "forbidden")]
    [InlineData("PUT", "/v1/groups/g/members/~m", 403, "forbidden")]
    [InlineData("DELETE", "/v1/groups/g/members/.m", 400, "invalid-name")]
    [InlineData("GET", "/v1/groups/~g", 403, "forbidden")]
    [InlineData("GET", "/v1/groups/g%7b", 400, "invalid-name")]
    [InlineData("GET", "/v1/groups/g%2fx", 400, "invalid-target")]
    [InlineData("GET", "/v1/groups/none?limit=0", 400, "invalid-parameter")]
    [InlineData("GET", "/v1/groups/none?limit=1001", 400, "invalid-parameter")]
    [InlineData("GET", "/v1/groups/none?cursor=x", 400, "invalid-parameter")]
    [InlineData("GET", "/v1/groups/none?cursor=-1", 400, "invalid-parameter")]
    [InlineData("GET", "/v1/groups/none", 404, "group-not-found")]
    [InlineData("GET", "/v1/groups/none/deliveries/x", 400, "invalid-parameter")]
    [InlineData("GET", "/v1/groups/none/deliveries/0123456789ABCDEF", 400, "invalid-parameter")]
    [InlineData("GET", "/v1/groups/none/deliveries/0123456789abcdef", 404, "delivery-not-found")]
    [InlineData("GET", "/v1/groups/none/deliveries/0123456789abcdef?details=1", 400, "invalid-parameter")]
    [InlineData("GET", "/v1/groups/none/deliveries/0123456789abcdef?cursor=-1", 400, "invalid-parameter")]
    [InlineData("POST", "/v1/groups/~g/messages", 403, "forbidden")]
    [InlineData("POST", "/v1/groups/.g/messages", 400, "invalid-name")]
    [InlineData("POST", "/v1/groups/g/messages?details=maybe", 400, "invalid-parameter")]
    [InlineData("POST", "/v1/groups/g", 405, "method-not-allowed")]
    [InlineData("GET", "/v1/groups/g/messages", 405, "method-not-allowed")]
    [InlineData("GET", "/v1/groups?prefix=.g", 400, "invalid-parameter")]
    [InlineData("GET", "/v1/groups?prefix=a*", 400, "invalid-parameter")]
    [InlineData("GET", "/v1/groups?prefix=a&prefix=b", 400, "invalid-parameter")]
    [InlineData("GET", "/v1/groups?cursor=x", 400, "invalid-parameter")]
    [InlineData("GET", "/v1/groups?cursor=-1", 400, "invalid-parameter")]
    [InlineData("GET", "/v1/groups?cursor=18446744073709551616", 400, "invalid-parameter")]
    [InlineData("POST", "/v1/groups", 405, "method-not-allowed")]
    [InlineData("GET", "/v1/groups/", 400, "invalid-target")]
    public async Task A_name_or_parameter_that_is_not_valid_is_refused(string method, string path, int status, string problem)
    {
        var answer = await cluster.A.CallAsync(method, path, method == "POST" ? "m"u8.ToArray() : null);
        (answer.Status, answer.Problem).ShouldBe((status, problem));
    }

    [Theory]
    [InlineData("TTL", "-1")]
    [InlineData("TTL", "soon")]
    [InlineData("Topic", "a b")]
    [InlineData("Mailbox-Type", "mailbox.open")]
    [InlineData("Idempotency-Key", "")]
    public async Task A_delivery_with_a_header_that_is_not_valid_is_not_stored(string header, string value)
    {
        var group = Names.Fresh("bad");
        var answer = await cluster.A.DeliverToGroupAsync(group, "m", (header, value));
        (answer.Status, answer.Problem).ShouldBe((400, "invalid-header"));
        (await cluster.RedisAsync("EXISTS", GroupCalls.StateOf(group), GroupCalls.OutboxOf(group))).ShouldBe(0L);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("31536001")]
    [InlineData("x")]
    public async Task A_membership_that_is_no_time_is_refused(string ttl)
    {
        var group = Names.Fresh("bad");
        (await cluster.A.JoinAsync(group, "m", ("TTL", ttl))).Problem.ShouldBe("invalid-header");
        (await cluster.RedisAsync("EXISTS", GroupCalls.MembersOf(group))).ShouldBe(0L);
    }

    [Fact]
    public async Task A_body_over_the_limit_and_a_key_of_a_wrong_type_are_refused()
    {
        var group = Names.Fresh("bad");
        (await cluster.A.DeliverToGroupAsync(group, new string('x', 65_537))).Problem.ShouldBe("too-large");
        await cluster.RedisAsync("SET", GroupCalls.OutboxOf(group), "x");
        (await cluster.A.DeliverToGroupAsync(group, "m")).Problem.ShouldBe("store-conflict");
        (await cluster.A.DeleteAsync(MailboxRoutes.ForGroup(group))).Status.ShouldBe(204);
        (await cluster.A.DeliverToGroupAsync(group, "m")).Status.ShouldBe(200);
    }
}
