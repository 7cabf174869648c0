using Mailbox.Fuzz.Inputs;

namespace Mailbox.Fuzz.Families;

/// <summary>Makes inputs of one sort: most nearly right, for what is far off is refused at the first look.</summary>
internal interface IFamily
{
    string Name { get; }

    Input Next(Chance chance);
}
