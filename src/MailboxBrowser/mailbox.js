// The library comes with the next commit.
export {};
