using Mailbox.Faults.Histories;

namespace Mailbox.Faults.Checking;

/// <summary>A fault, from its beginning until the nemesis undid it, and what it may cost.</summary>
internal sealed class FaultWindow(FaultBegan began)
{
    public FaultBegan Began { get; } = began;

    public FaultEnded? Ended { get; set; }

    public double EndedAt => Ended?.At ?? double.PositiveInfinity;

    public bool LosesWrites => Began.Permits is LossWindow.RedisTail or LossWindow.RedisAll;

    /// <summary>Answers that Redis may have forgotten came from here until the end.</summary>
    public double ForgetsFrom => Began.Permits switch
    {
        LossWindow.RedisTail => Began.At - Began.TailMilliseconds,
        LossWindow.RedisAll => double.NegativeInfinity,
        _ => double.PositiveInfinity,
    };

    public bool MayForget(HistoryEvent answered) => answered.At >= ForgetsFrom && answered.At <= EndedAt;

    /// <summary>May this gap be told, here, because of this fault?</summary>
    public bool Permits(GapTold gap) => Began.Index < gap.Index && gap.Reason switch
    {
        "dropped" => Began.Permits == LossWindow.Limit,
        "window" => Began.Permits == LossWindow.ResumeWindow,
        _ => false,
    };
}
