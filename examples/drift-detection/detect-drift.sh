#!/bin/sh
# Compare the exports of a stack with S3 and the service, without changing the state: ./detect-drift.sh STACK
#
# Exit code: 0 without drift; 7 with drift, and then issue.md describes it; any other if the comparison failed.
stack=$1
pulumi refresh --stack "$stack" --preview-only --diff --expect-no-changes --color never >refresh.txt 2>&1
code=$?
cat refresh.txt
if [ "$code" -eq 7 ]; then
    {
        echo "Exports of the stack \`$stack\` are not what was exported any longer. To export them again, run the workflow"
        echo "with \`repair\`, or \`pulumi up --refresh --stack $stack\`."
        echo '```'
        cat refresh.txt
        echo '```'
    } >issue.md
fi
exit "$code"
