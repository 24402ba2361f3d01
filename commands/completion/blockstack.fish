# Completion of blockstack for fish. What was typed goes through a pipe, never into arguments.
function __blockstack_complete
    set -l words (commandline -opc)
    set -l last (commandline -ct)
    for line in (string join \n -- $words "$last" | $words[1] __complete words 2>/dev/null)
        switch $line
            case ':files'
                __fish_complete_path "$last"
            case ':folders'
                __fish_complete_directories "$last"
            case '*'
                printf '%s\n' $line
        end
    end
end
complete -c blockstack -f -a '(__blockstack_complete)'
