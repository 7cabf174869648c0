namespace Mailbox.IntegrationTests.BadInput;

[CollectionDefinition(BadInputSite.Name)]
public sealed class BadInputDefinition : ICollectionFixture<BadInputSite>;
